import FoundationEssentials

/// Messages that have failed before, each tried alone while the batches go on beside them.
///
/// Messages of one saga stay in order. A lane holds a bounded number; what it has no space for goes back to a retry
/// queue without a charge.
final class TrialLane: Sendable {
    /// The messages to be tried, in the order they were offered.
    let trials: AsyncStream<ReceivedMessage>
    /// Ends the wait between two attempts.
    let stop = Wake()
    private let input: AsyncStream<ReceivedMessage>.Continuation

    init(capacity: Int) {
        (trials, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
    }

    /// - Returns: Whether the lane had space for it.
    func offer(_ message: ReceivedMessage) -> Bool {
        message.delivery.hold()
        switch input.yield(message) {
        case .enqueued: return true
        default:
            message.delivery.unhold()
            return false
        }
    }

    /// Takes nothing more.
    func finish() {
        input.finish()
        stop.ring()
    }
}

extension [TrialLane] {
    /// The lane of a message: the same for all of one saga.
    func lane(of envelope: Envelope) -> TrialLane {
        let key = envelope.correlationID ?? envelope.messageID
        return self[Int(key.uuid.15) % count]
    }
}
