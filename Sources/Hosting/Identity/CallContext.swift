import ServiceContextModule
import Telemetry

/// The values that a call carries through the process, from the entry point to the database and to the next service.
public struct CallContext: Sendable {
    /// The id that joins the log lines of one request across processes.
    public var requestID: String?
    /// The caller; `nil` if the call came without a token.
    public var identity: Identity?
    /// The bearer token of ``identity``, to be forwarded to other services.
    public var token: String?

    /// The progress of the calls to other roles.
    let sent: SentCalls
    /// Tells whose other tokens are that come within the call; `nil` outside a server.
    var verifier: TokenVerifier?
    /// The time when the caller gives up waiting; `nil` if it does not say.
    var deadline: ContinuousClock.Instant?

    /// Creates a context; one within another is of the same request.
    public init(requestID: String? = nil, identity: Identity? = nil, token: String? = nil) {
        self.requestID = requestID
        self.identity = identity
        self.token = token
        let outer = Self.current
        self.sent = outer?.sent ?? SentCalls()
        self.verifier = outer?.verifier
        self.deadline = outer?.deadline
    }

    /// The context of the running task; `nil` outside a call.
    @TaskLocal public static var current: CallContext?

    /// Runs the body, and whatever it calls, within this context; its log lines carry the request id.
    public func run<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        var service = ServiceContext.current ?? .topLevel
        if service.requestID == requestID {
            return try await Self.$current.withValue(self, operation: body, isolation: isolation)
        }
        service.requestID = requestID
        return try await ServiceContext.$current.withValue(
            service,
            operation: { try await Self.$current.withValue(self, operation: body, isolation: isolation) },
            isolation: isolation)
    }
}
