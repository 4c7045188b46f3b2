import GRPCCore
import Logging
import Postgres
import ServiceContextModule
import Telemetry

/// The frame of every call to a role's services: its context is set up (request id, trace, caller), its errors
/// become what the caller may know, and it is measured and logged.
///
/// One interceptor and not five: each layer would wrap every call and every response once more.
struct ServerCallInterceptor: ServerInterceptor {
    private static let metrics = RPCMetrics("rpc_server")

    /// Tells whose tokens are; without it, callers stay unknown.
    var verifier: TokenVerifier?
    var calls: OpenCalls
    var logger: Logger

    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next: @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        if context.remotePeer.hasPrefix("in-process"),
            let name = CallMetadata.first(LocalStreams.metadataKey, request.metadata)
        {
            LocalStreams.shared.serve(name, context.cancellation)
        }
        var call = Call(method: context.descriptor, metadata: request.metadata, logger: logger)
        call.context.verifier = verifier
        return await call.run { [call] in
            do {
                let token = try admit(call)
                let identified = try await identify(call, request.metadata)
                let response = try await identified.run {
                    // A stream's handler sees to it by itself: it ends in good order.
                    guard call.method.type == .unary else { return try await next(request, context) }
                    return try await WantedWork.run(context) { try await next(request, context) }
                }
                switch response.accepted {
                case .success(let contents):
                    return Self.follow(contents, of: identified, holding: token)
                case .failure(let error):
                    throw error
                }
            } catch {
                return StreamingServerResponse(error: call.finish(error))
            }
        }
    }

    /// Lets the call in unless the server is stopping.
    ///
    /// Streams are not waited for: they last as long as the server does. Health is told to the very end.
    private func admit(_ call: Call) throws(ServiceError) -> OpenCalls.Token? {
        if call.isAboutHealth { return nil }
        if call.method.type == .unary { return try calls.enter() }
        try calls.check()
        return nil
    }

    /// Finds out who calls. A bad token is refused even where none is needed: its owner believes to be known.
    private func identify(_ call: Call, _ metadata: Metadata) async throws -> Call {
        guard let verifier, !call.isAboutHealth, let token = CallMetadata.bearerToken(metadata)
        else { return call }
        var identified = call
        identified.context.identity = try await verifier.verify(token)
        identified.context.token = token
        return identified
    }

    /// The messages are written after the handler has returned (or by it, if it streams), so the context, the errors
    /// and the end of the call belong to the writing as well.
    private static func follow<Output: Sendable>(
        _ contents: StreamingServerResponse<Output>.Contents, of call: Call, holding token: OpenCalls.Token?
    ) -> StreamingServerResponse<Output> {
        StreamingServerResponse(metadata: contents.metadata) { writer in
            try await call.run {
                defer { withExtendedLifetime(token) {} }
                do {
                    let trailing = try await contents.producer(writer)
                    call.finish()
                    return trailing
                } catch {
                    throw call.finish(error, isAnswered: call.method.type == .unary)
                }
            }
        }
    }

    /// One call under way.
    private struct Call: Sendable {
        let method: MethodDescriptor
        let logger: Logger
        let started = ContinuousClock.now
        let trace: TraceContext
        var context: CallContext

        var isAboutHealth: Bool { method.service.fullyQualifiedService == "grpc.health.v1.Health" }

        init(method: MethodDescriptor, metadata: Metadata, logger: Logger) {
            self.method = method
            self.logger = logger
            let caller = CallMetadata.first(CallMetadata.traceparent, metadata).flatMap(TraceContext.init(traceparent:))
            self.trace = caller?.child() ?? .root()
            self.context = CallContext(requestID: CallMetadata.requestID(metadata))
            self.context.deadline = CallMetadata.deadline(metadata)
        }

        func run<Result>(_ body: () async throws -> Result) async rethrows -> Result {
            var service = ServiceContext.current ?? .topLevel
            service.traceContext = trace
            service.requestID = context.requestID
            return try await ServiceContext.$current.withValue(service) {
                try await CallContext.$current.withValue(context, operation: body)
            }
        }

        /// Notes that the call went well.
        func finish() {
            let duration = ContinuousClock.now - started
            metrics.record(method, code: nil, duration: duration)
            logger.debug("call", [.method: "\(method)", .status: "ok", .duration: "\(duration)"])
        }

        /// Notes the error and makes of it what the caller may know.
        ///
        /// - Parameter isAnswered: True if the handler has done its work, and only the telling of it failed.
        func finish(_ error: any Error, isAnswered: Bool = false) -> RPCError {
            // Work that was given up half-way says nothing of how far it had come.
            let isGivenUp = error is CancellationError || (error as? PostgresError)?.kind == .cancelled
            let isLate = context.deadline.map { $0 <= .now } ?? false
            let shown: ServiceError =
                if (isGivenUp || isAnswered) && CallEffect.writes(method) {
                    isLate ? .outcomeUnknownInTime : .outcomeUnknown
                } else {
                    isGivenUp && isLate ? .outOfTime : ServiceError(mapping: error)
                }
            let duration = ContinuousClock.now - started
            metrics.record(method, code: shown.code, duration: duration)
            let level: Logger.Level =
                switch shown.code {
                case .internal: .error
                case .unavailable, .deadlineExceeded, .resourceExhausted: .warning
                default: .debug
                }
            logger.log(
                level: level, shown.hidesCause ? "call failed for an unforeseen reason" : "call refused",
                [
                    .method: "\(method)", .status: "\(shown.code.rawValue)", .reason: "\(shown.reason)",
                    .error: "\(error)", .duration: "\(duration)", .requestID: "\(context.requestID ?? "")",
                ])
            // The cause stays here: it must not travel.
            return RPCError(
                code: shown.rpcErrorCode, message: shown.message, metadata: shown.rpcErrorMetadata, cause: nil)
        }
    }
}
