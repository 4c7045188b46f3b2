/// Ties the broker's confirms to the messages they are for. A pure struct; one for each channel.
///
/// Delivery tags count from 1 in the order of publishing. An ack or nack may cover all tags up to its own. A returned
/// message comes without a tag, but before the positive ack of the same message, so it is found by comparing messages.
struct ConfirmTracker<Message> {
    private struct Slot {
        var message: Message?
        var returned: PublishOutcome?
    }

    /// The fate of a message.
    struct Settled {
        var message: Message
        var outcome: PublishOutcome
    }

    /// `slots[head]` is the oldest unconfirmed message, with tag `firstTag`.
    private var slots: [Slot] = []
    private var head = 0
    private var firstTag: UInt64 = 1
    /// Returns arrive in the order of publishing: the next one is looked for from here.
    private var returnScanTag: UInt64 = 1

    /// The number of messages without a confirm.
    private(set) var unconfirmed = 0

    /// Notes a message that is about to be published; returns its tag.
    @discardableResult
    mutating func add(_ message: Message) -> UInt64 {
        slots.append(Slot(message: message))
        unconfirmed += 1
        return firstTag + UInt64(slots.count - head) - 1
    }

    /// Notes that the broker returned the first message, not returned yet, that `matches`.
    ///
    /// Returns false if there is none. Its outcome is given out with its ack.
    @discardableResult
    mutating func markReturned(code: Int, reason: String, where matches: (Message) -> Bool) -> Bool {
        let start = head + Int(max(returnScanTag, firstTag) - firstTag)
        let indices = [start..<slots.count, head..<min(start, slots.count)]
        for range in indices where !range.isEmpty {
            for index in range {
                guard slots[index].returned == nil, let message = slots[index].message, matches(message) else {
                    continue
                }
                slots[index].returned = .returned(code: code, reason: reason)
                returnScanTag = firstTag + UInt64(index - head) + 1
                return true
            }
        }
        return false
    }

    /// Settles by an ack: what was returned before is returned, all else confirmed.
    mutating func acknowledge(tag: UInt64, multiple: Bool) throws(RabbitMQError) -> [Settled] {
        try settle(tag: tag, multiple: multiple, outcome: .confirmed)
    }

    /// Settles by a nack.
    mutating func reject(tag: UInt64, multiple: Bool) throws(RabbitMQError) -> [Settled] {
        try settle(tag: tag, multiple: multiple, outcome: .nacked)
    }

    private mutating func settle(
        tag: UInt64, multiple: Bool, outcome: PublishOutcome
    ) throws(RabbitMQError) -> [Settled] {
        let nextTag = firstTag + UInt64(slots.count - head)
        // A multiple confirm with tag 0 means all messages so far.
        let last = multiple && tag == 0 ? nextTag - 1 : tag
        guard last < nextTag, last > 0 || multiple else {
            throw RabbitMQError(.protocolViolation, "a confirm for delivery tag \(tag), which was never used")
        }
        guard last >= firstTag else { return [] }
        let end = head + Int(last - firstTag)
        var settled: [Settled] = []
        for index in (multiple ? head : end)...end {
            guard let message = slots[index].message else { continue }
            let returned = outcome == .confirmed ? slots[index].returned : nil
            settled.append(Settled(message: message, outcome: returned ?? outcome))
            slots[index].message = nil
        }
        unconfirmed -= settled.count
        dropSettledHead()
        return settled
    }

    private mutating func dropSettledHead() {
        while head < slots.count, slots[head].message == nil {
            head += 1
            firstTag += 1
        }
        // Rarely, so that it costs each message a constant.
        if head == slots.count {
            slots.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head > slots.count / 2 {
            slots.removeFirst(head)
            head = 0
        }
    }
}
