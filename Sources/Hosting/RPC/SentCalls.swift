import Synchronization

/// How far the calls have come that a request has made to other roles: whether what was asked for may have been done
/// although nobody has said so.
///
/// A call's deadline ends it from outside, with an error that knows nothing of how far it was. This does.
final class SentCalls: Sendable {
    private let waiting = Atomic<Int>(0)
    private let unanswered = Atomic<Int>(0)

    /// Whether a call of a method that writes was sent and has not been answered.
    var mayHaveActed: Bool { unanswered.load(ordering: .relaxed) > 0 }

    /// Whether a call waits for a connection.
    var isWaiting: Bool { waiting.load(ordering: .relaxed) > 0 }

    /// A call looks for a connection.
    func beginWaiting() { waiting.add(1, ordering: .relaxed) }

    /// A call has a connection, or has been told that there is none.
    func endWaiting() { waiting.subtract(1, ordering: .relaxed) }

    /// A call of a method that writes is sent.
    func send() { unanswered.add(1, ordering: .relaxed) }

    /// Such a call has been answered, by success or by a refusal that says so.
    func answer() { unanswered.subtract(1, ordering: .relaxed) }
}
