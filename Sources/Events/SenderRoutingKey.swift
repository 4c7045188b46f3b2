public import RabbitMQ

extension Delivery {
    /// The routing key that its sender gave a message that was moved since; nil for one that a program of before has
    /// moved.
    public var senderRoutingKey: String? {
        properties.headers[WireFormat.Header.routingKey]?.stringValue ?? brokersRoutingKey
    }

    /// The same, of a message in an inbox. What has waited in a retry queue comes by another key than its sender's.
    var arrivalRoutingKey: String? {
        senderRoutingKey ?? (properties.headers["x-first-death-queue"] == nil ? routingKey : nil)
    }

    /// The key that the broker has noted, if it has taken the message out of an inbox by itself.
    private var brokersRoutingKey: String? {
        let headers = properties.headers
        guard let queue = headers["x-first-death-queue"], headers["x-first-death-reason"] != "expired",
            case .array(let deaths) = headers["x-death"] ?? .null
        else { return nil }
        for case .table(let death) in deaths where death["queue"] == queue {
            if case .array(let keys) = death["routing-keys"] ?? .null { return keys.first?.stringValue }
        }
        return nil
    }
}
