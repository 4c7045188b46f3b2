import FoundationEssentials
public import RabbitMQ

/// What a message that was given up on says of itself, in its headers.
public struct DeadLetter: Sendable {
    enum Header {
        static let reason = "shop-dead-reason"
        static let errorClass = "shop-dead-error-class"
        static let service = "shop-dead-service"
        static let diedAt = "shop-dead-at"
    }

    /// Why it was given up on.
    public let reason: String
    /// The kind of defect: `undecodable`, `unknown_type`, `protocol_violation`, `exhausted`.
    public let errorClass: String
    /// The service that gave up.
    public let service: String
    /// When.
    public let diedAt: Int64

    /// Reads the headers of a delivery from a dead-letter queue.
    public init(_ delivery: Delivery) {
        let headers = delivery.properties.headers
        reason = headers[Header.reason]?.stringValue ?? "unknown"
        errorClass = headers[Header.errorClass]?.stringValue ?? "unknown"
        service = headers[Header.service]?.stringValue ?? "unknown"
        diedAt = headers[Header.diedAt]?.intValue ?? 0
    }

    /// The message as it goes to the dead letters: the delivery as it came, and why.
    static func message(_ delivery: Delivery, rejection: MessageRejection, service: String) -> RabbitMQMessage {
        var properties = delivery.properties
        // Broker death records would make a later republication look like a cycle, and be dropped.
        properties.headers = properties.headers.filter { !$0.key.hasPrefix("x-") }
        properties.headers[Header.reason] = .string(rejection.reason)
        properties.headers[Header.errorClass] = .string(rejection.errorClass.rawValue)
        properties.headers[Header.service] = .string(service)
        properties.headers[Header.diedAt] = .int(Int64(Date().timeIntervalSince1970))
        properties.expiration = nil
        properties.persistent = true
        return RabbitMQMessage(
            exchange: Topology.deadExchange, routingKey: service, body: delivery.body, properties: properties)
    }

    /// The message with no other headers than the shop's own.
    static func withoutForeignHeaders(_ message: RabbitMQMessage) -> RabbitMQMessage {
        var message = message
        message.properties.headers = message.properties.headers.filter {
            $0.key.hasPrefix("shop-") || $0.key == WireFormat.Header.traceparent
        }
        return message
    }

    /// The message as it goes back to its inbox: with a fresh count of attempts and without its obituary.
    public static func replay(_ delivery: Delivery, to queue: String) -> RabbitMQMessage {
        var properties = delivery.properties
        properties.headers = properties.headers.filter {
            !$0.key.hasPrefix("x-") && !$0.key.hasPrefix("shop-dead-") && $0.key != WireFormat.Header.attempt
        }
        return RabbitMQMessage(exchange: "", routingKey: queue, body: delivery.body, properties: properties)
    }
}
