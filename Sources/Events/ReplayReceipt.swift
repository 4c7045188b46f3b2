public import RabbitMQ

/// The fate of a message that was sent back from the dead letters, as its consumer tells whoever waits for it.
public struct ReplayReceipt: Sendable, Equatable {
    /// The fate of a message; of several that came as one, the worst of theirs.
    public enum Fate: String, Sendable, Comparable, CaseIterable {
        case handled
        /// It has failed, and will be tried again.
        case retried
        /// It is a dead letter again.
        case died

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        public static func < (one: Fate, other: Fate) -> Bool { one.rank < other.rank }
    }

    /// Whom to tell, and of what.
    public struct Request: Sendable {
        /// A number that is given to one message that is sent back.
        public let id: String
        /// The queue of whoever waits, which the broker has named.
        let queue: String

        public init(id: String, queue: String) {
            self.id = id
            self.queue = queue
        }
    }

    enum Header {
        static let id = "shop-replay-id"
        static let fate = "shop-replay-fate"
    }

    /// The beginning of names of queues that a broker has chosen: a foreign message leads to no queue of the shop.
    private static let queuePrefix = "amq.gen-"

    public let id: String
    public let fate: Fate

    /// Reads a receipt; nil if it is none.
    public init?(_ delivery: Delivery) {
        let headers = delivery.properties.headers
        guard let id = headers[Header.id]?.stringValue,
            let fate = headers[Header.fate]?.stringValue.flatMap(Fate.init(rawValue:))
        else { return nil }
        self.id = id
        self.fate = fate
    }

    /// The receipt for a delivery; nil if nobody waits for one.
    static func message(for properties: MessageProperties, _ fate: Fate) -> RabbitMQMessage? {
        guard let id = properties.headers[Header.id]?.stringValue, let queue = properties.replyTo,
            queue.hasPrefix(queuePrefix)
        else { return nil }
        let answer = MessageProperties(
            type: "shop.replay.receipt", persistent: false,
            headers: [Header.id: .string(id), Header.fate: .string(fate.rawValue)])
        return RabbitMQMessage(exchange: "", routingKey: queue, body: [], properties: answer, mandatory: false)
    }
}

extension MessageProperties {
    /// The properties without a wish for a receipt.
    var withoutReceipt: MessageProperties {
        guard headers[ReplayReceipt.Header.id] != nil else { return self }
        var properties = self
        properties.headers[ReplayReceipt.Header.id] = nil
        properties.replyTo = nil
        return properties
    }
}
