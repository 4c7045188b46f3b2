import GRPCCore
import Logging
import Postgres
import ServiceContextModule
import Telemetry

/// One call under way on its server.
struct ServerCall: Sendable {
    private static let metrics = RPCMetrics("rpc_server")

    let method: MethodDescriptor
    private let logger: Logger
    private let started = ContinuousClock.now
    /// The token that the call has come with, not verified yet.
    let token: String?
    /// The context of the call's log lines, and of the calls that it makes.
    private let service: ServiceContext
    var context: CallContext

    var isAboutHealth: Bool { method.service.fullyQualifiedService == "grpc.health.v1.Health" }

    init(method: MethodDescriptor, origin: CallOrigin, verifier: TokenVerifier?, logger: Logger) {
        self.method = method
        self.logger = logger
        self.token = origin.token
        var service = ServiceContext.current ?? .topLevel
        service.setOrigin(requestID: origin.requestID, trace: origin.trace?.child() ?? .root())
        self.service = service
        self.context = CallContext(requestID: origin.requestID)
        self.context.deadline = origin.deadline
        self.context.verifier = verifier
    }

    /// Runs the body within the call's context.
    func run<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        try await ServiceContext.$current.withValue(service) {
            try await CallContext.$current.withValue(context, operation: body)
        }
    }

    /// The same for what does not wait.
    private func runAtOnce<Result>(_ body: () -> Result) -> Result {
        ServiceContext.$current.withValue(service) { CallContext.$current.withValue(context, operation: body) }
    }

    /// Notes that the call went well; may be called outside of its context.
    func finish() {
        let duration = ContinuousClock.now - started
        Self.metrics.record(method, code: nil, duration: duration)
        // No context is set up for a line that nobody writes.
        guard logger.logLevel <= .debug else { return }
        runAtOnce {
            logger.debug("call", [.method: "\(method)", .status: "ok", .duration: "\(duration)"])
        }
    }

    /// Notes the error and makes of it what the caller may know; may be called outside of the call's context.
    ///
    /// - Parameter isAnswered: True if the handler has done its work, and only the telling of it failed.
    func finish(_ error: any Error, isAnswered: Bool = false) -> RPCError {
        runAtOnce { note(error, isAnswered: isAnswered) }
    }

    private func note(_ error: any Error, isAnswered: Bool) -> RPCError {
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
        Self.metrics.record(method, code: shown.code, duration: duration)
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
