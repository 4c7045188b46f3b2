/// Knows which deliveries of a channel are not settled yet, so that each is settled once and a multiple ack never
/// covers a delivery that somebody else still works on. A pure struct.
struct AckLedger {
    /// An acknowledgement to send.
    struct Ack: Sendable, Equatable {
        var tag: UInt64
        var multiple: Bool
    }

    /// All tags up to this one are settled.
    private var settledUpTo: UInt64 = 0
    /// Settled tags above it.
    private var settledBeyond: Set<UInt64> = []
    private var lastDelivered: UInt64 = 0

    /// The number of deliveries neither acked nor rejected.
    var unsettled: Int { Int(lastDelivered - settledUpTo) - settledBeyond.count }

    /// Notes a delivery. Tags count up by one.
    /// - Throws: ``RabbitMQError`` of kind `protocolViolation` for any other tag.
    mutating func delivered(_ tag: UInt64) throws(RabbitMQError) {
        guard tag == lastDelivered + 1 else {
            throw RabbitMQError(.protocolViolation, "delivery tag \(tag) after \(lastDelivered)")
        }
        lastDelivered = tag
    }

    /// Settles what is left of a range of tags; returns the acks that do so: one, unless earlier deliveries are open.
    mutating func acknowledge(_ tags: ClosedRange<UInt64>) -> [Ack] {
        let open = tags.filter(isUnsettled)
        guard let last = open.last else { return [] }
        let isContiguous = (settledUpTo + 1..<max(tags.lowerBound, settledUpTo + 1)).allSatisfy { !isUnsettled($0) }
        for tag in open { settle(tag) }
        return isContiguous ? [Ack(tag: last, multiple: true)] : open.map { Ack(tag: $0, multiple: false) }
    }

    /// Settles one delivery; false if it is settled already or was never made.
    mutating func settleOne(_ tag: UInt64) -> Bool {
        guard isUnsettled(tag) else { return false }
        settle(tag)
        return true
    }

    private func isUnsettled(_ tag: UInt64) -> Bool {
        tag > settledUpTo && tag <= lastDelivered && !settledBeyond.contains(tag)
    }

    private mutating func settle(_ tag: UInt64) {
        settledBeyond.insert(tag)
        while settledBeyond.remove(settledUpTo + 1) != nil { settledUpTo += 1 }
    }
}
