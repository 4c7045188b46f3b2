import GRPCCore

/// A way to a role, with what holds for every call on it.
///
/// The transports beneath know the settings of calls only once they have found an address, and say different things
/// when there is nobody: here a call has its deadline from the beginning, and a role that is away is `UNAVAILABLE`.
struct PeerTransport<Base: ClientTransport>: ClientTransport {
    typealias Bytes = Base.Bytes

    /// `nil` for a role that nobody has told the address of.
    var base: Base?
    /// How long a call may take that does not say otherwise.
    var deadline: Duration
    /// Whether the role runs in this process.
    var isLocal = false

    var retryThrottle: RetryThrottle? { base?.retryThrottle }

    func connect() async throws { try await base?.connect() }

    func beginGracefulShutdown() { base?.beginGracefulShutdown() }

    func config(forMethod descriptor: MethodDescriptor) -> MethodConfig? {
        // A stream lasts for as long as it is wanted; only an unknown method might be one.
        let isStream = descriptor.type != .unary
        return MethodConfig(names: [], waitForReady: false, timeout: isStream ? nil : deadline)
    }

    func withStream<Result: Sendable>(
        descriptor: MethodDescriptor, options: CallOptions,
        _ closure: (RPCStream<Inbound, Outbound>, ClientContext) async throws -> Result
    ) async throws -> Result {
        guard let base else {
            let service = descriptor.service.fullyQualifiedService
            throw RPCError(code: .unavailable, message: "there is no address for \(service)")
        }
        do {
            guard isLocal, descriptor.type != .unary else {
                return try await base.withStream(descriptor: descriptor, options: options, closure)
            }
            return try await LocalStreams.shared.withName {
                try await base.withStream(descriptor: descriptor, options: options, closure)
            }
        } catch let error as RPCError where error.code != .cancelled && error.code != .deadlineExceeded {
            // What a service answers is a result of the closure. What is thrown here is that no stream was opened.
            throw RPCError(code: .unavailable, message: error.message, cause: error.cause)
        }
    }
}
