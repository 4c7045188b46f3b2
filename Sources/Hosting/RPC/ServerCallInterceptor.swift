import GRPCCore
import Logging

/// The frame of every call to a role's services: its context is set up (request id, trace, caller), its errors
/// become what the caller may know, and it is measured and logged.
///
/// One interceptor and not five: each layer would wrap every call and every response once more.
struct ServerCallInterceptor: ServerInterceptor {
    /// Tells whose tokens are; without it, callers stay unknown.
    var verifier: TokenVerifier?
    var calls: OpenCalls
    /// See ``BriefService``.
    var briefMethods: Set<MethodDescriptor> = []
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
        let call = ServerCall(
            method: context.descriptor, origin: CallOrigin(request.metadata), verifier: verifier, logger: logger)
        do {
            let token = try admit(call)
            let identified = try await identify(call)
            let response = try await identified.run {
                // A stream's handler sees to it by itself: it ends in good order.
                guard call.method.type == .unary, !briefMethods.contains(call.method) else {
                    return try await next(request, context)
                }
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

    /// The same frame for a call of this process, whose message and answer are values: with one message there is nothing
    /// to stream, and its task is cancelled where the wire tells a call's context.
    func answer<Output: Sendable>(
        _ method: MethodDescriptor, from origin: CallOrigin,
        _ handle: () async throws -> ServerResponse<Output>
    ) async -> ClientResponse<Output> {
        let call = ServerCall(method: method, origin: origin, verifier: verifier, logger: logger)
        do {
            let token = try admit(call)
            defer { withExtendedLifetime(token) {} }
            let contents = try await identify(call).run(handle).accepted.get()
            call.finish()
            return ClientResponse(
                message: contents.message, metadata: contents.metadata, trailingMetadata: contents.trailingMetadata)
        } catch {
            return ClientResponse(error: call.finish(error))
        }
    }

    /// Lets the call in unless the server is stopping.
    ///
    /// Streams are not waited for: they last as long as the server does. Health is told to the very end.
    private func admit(_ call: ServerCall) throws(ServiceError) -> OpenCalls.Token? {
        if call.isAboutHealth { return nil }
        if call.method.type == .unary { return try calls.enter() }
        try calls.check()
        return nil
    }

    /// Finds out who calls. A bad token is refused even where none is needed: its owner believes to be known.
    private func identify(_ call: ServerCall) async throws -> ServerCall {
        guard let verifier, !call.isAboutHealth, let token = call.token else { return call }
        var identified = call
        identified.context.identity = try await verifier.verify(token)
        identified.context.token = token
        return identified
    }

    /// The messages are written after the handler has returned (or by it, if it streams), so the errors and the end of the
    /// call belong to the writing as well. Only what streams still needs the call's context then.
    private static func follow<Output: Sendable>(
        _ contents: StreamingServerResponse<Output>.Contents, of call: ServerCall, holding token: OpenCalls.Token?
    ) -> StreamingServerResponse<Output> {
        let isAnswered = call.method.type == .unary
        return StreamingServerResponse(metadata: contents.metadata) { writer in
            defer { withExtendedLifetime(token) {} }
            do {
                let trailing =
                    if isAnswered {
                        try await contents.producer(writer)
                    } else {
                        try await call.run { try await contents.producer(writer) }
                    }
                call.finish()
                return trailing
            } catch {
                throw call.finish(error, isAnswered: isAnswered)
            }
        }
    }
}
