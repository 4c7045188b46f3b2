import GRPCCore
import Synchronization

/// A way to a role, with what holds for every call on it.
///
/// The transports beneath know the settings of calls only once they have found an address, and say different things
/// when there is nobody: here a call has its deadline from the beginning, and a role that is away is `UNAVAILABLE`. A
/// call that finds no connection looks again for as long as its peer may be on its way (``PeerAvailability``).
final class PeerTransport<Base: ClientTransport>: ClientTransport {
    typealias Bytes = Base.Bytes

    /// Ways to the same role, used in turn, so that what one connection carries at once is no limit for all; none for a
    /// role that nobody has told the address of.
    private let bases: [Base]
    /// The time a call may take that does not say otherwise.
    private let deadline: Duration
    /// Whether the role runs in this process.
    private let isLocal: Bool
    /// The role of another process, and the words for it where there is no connection.
    private let peer: (role: Role, missing: String)?
    private let availability: PeerAvailability
    private let turn = Atomic<Int>(0)

    init(
        bases: [Base], deadline: Duration, patience: Duration = .zero, isLocal: Bool = false,
        peer: (role: Role, missing: String)? = nil
    ) {
        self.peer = peer
        self.bases = bases
        self.availability = PeerAvailability(patience: patience)
        self.deadline = deadline
        self.isLocal = isLocal
    }

    var retryThrottle: RetryThrottle? { nil }

    func connect() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for base in bases { group.addTask { try await base.connect() } }
            try await group.waitForAll()
        }
    }

    func beginGracefulShutdown() {
        for base in bases { base.beginGracefulShutdown() }
    }

    func config(forMethod descriptor: MethodDescriptor) -> MethodConfig? {
        // A stream lasts for as long as it is wanted; only an unknown method might be one.
        let isStream = descriptor.type != .unary
        return MethodConfig(names: [], waitForReady: false, timeout: isStream ? nil : deadline)
    }

    func withStream<Result: Sendable>(
        descriptor: MethodDescriptor, options: CallOptions,
        _ closure: (RPCStream<Inbound, Outbound>, ClientContext) async throws -> Result
    ) async throws -> Result {
        guard isLocal else { return try await open(descriptor, options, closure) }
        return try await LocalStreams.shared.withName { try await open(descriptor, options, closure) }
    }

    private func open<Result: Sendable>(
        _ descriptor: MethodDescriptor, _ options: CallOptions,
        _ closure: (RPCStream<Inbound, Outbound>, ClientContext) async throws -> Result
    ) async throws -> Result {
        guard !bases.isEmpty else {
            let service = descriptor.service.fullyQualifiedService
            throw RPCError(code: .unavailable, message: "there is no address for \(service)")
        }
        let sent = CallContext.current?.sent
        sent?.beginWaiting()
        let begin = ContinuousClock.now
        while true {
            var isOpen = false
            do {
                return try await next().withStream(descriptor: descriptor, options: options) { stream, context in
                    isOpen = true
                    availability.found()
                    sent?.endWaiting()
                    if isLocal { return try await closure(stream, context) }
                    return try await DeadlineSlack.$deadline.withValue(options.timeout.map { begin + $0 }) {
                        try await closure(stream, context)
                    }
                }
            } catch let error as RPCError where !isOpen && error.code != .cancelled {
                // What a service answers is a result of the closure. What is thrown here is that no stream was opened.
                guard !isLocal, availability.missed(since: begin) else {
                    sent?.endWaiting()
                    let missing = RPCError(
                        code: .unavailable, message: peer?.missing ?? error.message, cause: error.cause)
                    throw CalledRole.note(peer?.role, on: missing)
                }
            }
            // Ended by the call's deadline, which then finds it waiting.
            try await Task.sleep(for: PeerAvailability.lookInterval)
        }
    }

    private func next() -> Base {
        let number = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return bases[Int(UInt(bitPattern: number) % UInt(bases.count))]
    }
}
