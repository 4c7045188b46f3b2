import FoundationEssentials
import RabbitMQ

/// Messages that have failed before, each tried alone while the batches go on beside them.
///
/// Messages of one saga stay in order. A lane holds a bounded number; what it has no space for goes back to a retry
/// queue without a charge.
final class TrialLane: Sendable {
    /// A message that is tried alone.
    struct Trial: Sendable {
        let delivery: Delivery
        let envelope: Envelope
        let batch: DeliveryBatch
    }

    /// The trials, in the order they were offered.
    let trials: AsyncStream<Trial>
    /// Ends the wait between two attempts.
    let stop = Wake()
    private let input: AsyncStream<Trial>.Continuation

    init(capacity: Int) {
        (trials, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
    }

    /// - Returns: Whether the lane had space for it.
    func offer(_ trial: Trial) -> Bool {
        switch input.yield(trial) {
        case .enqueued: true
        default: false
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
