import Synchronization

/// The calls that a request has made to other roles, by how far they have come: whether something may have been done.
///
/// A call's deadline ends it from outside, with an error that knows nothing of how far it was: even the answer may have
/// come in the same moment. And when a later call of the request fails, what an earlier one has done stays. This knows.
final class SentCalls: Sendable {
    private let waiting = Atomic<Int>(0)
    private let effective = Atomic<Int>(0)

    /// Whether a call of a method that writes was sent, and not refused: it has been carried out, or may have been.
    var mayHaveActed: Bool { effective.load(ordering: .relaxed) > 0 }

    /// Whether a call waits for a connection.
    var isWaiting: Bool { waiting.load(ordering: .relaxed) > 0 }

    /// A call looks for a connection.
    func beginWaiting() { waiting.add(1, ordering: .relaxed) }

    /// A call has a connection, or has been told that there is none.
    func endWaiting() { waiting.subtract(1, ordering: .relaxed) }

    /// A call of a method that writes is sent.
    func send() { effective.add(1, ordering: .relaxed) }

    /// Such a call was refused: nothing was done for it.
    func takeBack() { effective.subtract(1, ordering: .relaxed) }
}
