public import FoundationEssentials
public import RabbitMQ

/// Facts that a message which was given up on tells of itself, in its headers.
public struct DeadLetter: Sendable {
    enum Header {
        static let reason = "shop-dead-reason"
        static let errorClass = "shop-dead-error-class"
        static let service = "shop-dead-service"
        /// In whole seconds since 1970, as programs of before read it.
        static let diedAt = "shop-dead-at"
        /// In microseconds since 1970.
        static let diedExactlyAt = "shop-dead-at-us"
    }

    /// The reason why it was given up on.
    public let reason: String
    /// The kind of defect: `undecodable`, `unknown_type`, `newer_version`, `protocol_violation`, `exhausted`; or
    /// `broker_` and the broker's own reason, such as `broker_delivery_limit`.
    public let errorClass: String
    /// The service that gave up.
    public let service: String
    /// The time of its death, in whole seconds if a program of before has told it; nil for a letter that says nothing of
    /// it, as one that the broker moved or that somebody put there.
    public let diedAt: Date?
    /// The type of the messages that it carries; nil if it has none.
    public let messageType: String?
    /// Its failures, with the one that it died of; nil for one that the broker moved before it failed.
    public let history: FailureHistory?
    /// The sagas that it belongs to: several, if the broker has moved a batch.
    public let sagaIDs: Set<UUID>

    /// Reads the headers of a delivery from a dead-letter queue.
    public init(_ delivery: Delivery) {
        let headers = delivery.properties.headers
        let broker = headers["x-first-death-reason"]?.stringValue
        reason =
            headers[Header.reason]?.stringValue
            ?? broker.map {
                "the broker took it out of \(headers["x-first-death-queue"]?.stringValue ?? "its queue"): \($0)"
            }
            ?? "unknown"
        errorClass = headers[Header.errorClass]?.stringValue ?? broker.map { "broker_\($0)" } ?? "unknown"
        service =
            headers[Header.service]?.stringValue
            ?? headers["x-first-death-queue"]?.stringValue?.split(separator: ".").first.map(String.init) ?? "unknown"
        diedAt = Self.time(of: headers)
        messageType = delivery.properties.type.map(MessageBatch.type)
        history = Self.failures(headers)
        let messages = (try? WireFormat.envelopes(delivery)) ?? []
        let stated = delivery.properties.correlationID.flatMap(UUID.init(uuidString:))
        sagaIDs = Set(messages.compactMap(\.correlationID)).union(stated.map { [$0] } ?? [])
    }

    private static func time(of headers: [String: HeaderValue]) -> Date? {
        FailureHistory.date(headers[Header.diedExactlyAt])
            ?? FailureHistory.date(seconds: headers[Header.diedAt])
    }

    /// The failures that a letter takes along when it is sent back: those it came with, and the one it died of.
    fileprivate static func failures(_ headers: [String: HeaderValue]) -> FailureHistory? {
        var failures = FailureHistory(headers)
        guard let reason = headers[Header.reason]?.stringValue else { return failures }
        let kind = headers[Header.errorClass]?.stringValue ?? "unknown"
        let diedAt = time(of: headers)
        failures = failures ?? FailureHistory()
        failures?.fail(at: diedAt)
        failures?.gaveUpAt = diedAt
        failures?.gaveUpReason = FailureHistory.bounded("\(kind): \(reason)")
        return failures
    }

    /// The message as it goes to the dead letters: as it came, and why.
    static func message(
        _ properties: MessageProperties, _ body: [UInt8], rejection: MessageRejection, service: String
    ) -> RabbitMQMessage {
        var properties = properties.withoutRouting.withoutReceipt
        properties.headers[Header.reason] = .string(rejection.reason)
        properties.headers[Header.errorClass] = .string(rejection.errorClass.rawValue)
        properties.headers[Header.service] = .string(service)
        let now = Date()
        properties.headers[Header.diedAt] = .int(Int64(now.timeIntervalSince1970))
        properties.headers[Header.diedExactlyAt] = FailureHistory.value(now)
        return RabbitMQMessage(
            exchange: Topology.deadExchange, routingKey: service, body: body, properties: properties)
    }

    /// The message with no other headers than the shop's own.
    static func withoutForeignHeaders(_ message: RabbitMQMessage) -> RabbitMQMessage {
        var message = message
        message.properties.headers = message.properties.headers.filter {
            $0.key.hasPrefix("shop-") || $0.key == WireFormat.Header.traceparent
        }
        return message
    }

    /// The message as it goes back to its inbox: with a fresh count of attempts, and with what made it a dead letter as
    /// a part of its history only.
    ///
    /// - Parameter receipt: Whom its consumer is to tell what has become of it; nil for nobody.
    public static func replay(
        _ delivery: Delivery, to queue: String, receipt: ReplayReceipt.Request? = nil
    ) -> RabbitMQMessage {
        var properties = delivery.properties.withoutRouting.withoutReceipt.withoutDeath
        if let receipt {
            properties.headers[ReplayReceipt.Header.id] = .string(receipt.id)
            properties.replyTo = receipt.queue
        }
        return RabbitMQMessage(exchange: "", routingKey: queue, body: delivery.body, properties: properties)
    }

    /// A message that was kept elsewhere, as it goes to a queue.
    ///
    /// - Parameter isReplayed: Whether it goes to an inbox, to be handled, as by ``replay(_:to:receipt:)``.
    public static func restored(
        _ properties: MessageProperties, _ body: [UInt8], to queue: String, isReplayed: Bool
    ) -> RabbitMQMessage {
        let properties = properties.withoutRouting.withoutReceipt
        return RabbitMQMessage(
            exchange: "", routingKey: queue, body: body, properties: isReplayed ? properties.withoutDeath : properties)
    }

    /// The message as it goes to another queue, or to the end of its own, unchanged.
    public static func copy(_ delivery: Delivery, to queue: String) -> RabbitMQMessage {
        var properties = delivery.properties.withoutRouting
        if delivery.properties.headers["x-first-death-reason"] != nil {
            // The broker's own record goes; what it says stays.
            let letter = DeadLetter(delivery)
            properties.headers[Header.reason] = .string(letter.reason)
            properties.headers[Header.errorClass] = .string(letter.errorClass)
            properties.headers[Header.service] = .string(letter.service)
            properties.headers[WireFormat.Header.routingKey] = delivery.senderRoutingKey.map(HeaderValue.string)
        }
        return RabbitMQMessage(exchange: "", routingKey: queue, body: delivery.body, properties: properties)
    }
}

extension MessageProperties {
    /// The properties without what would lead a republication elsewhere or end it.
    ///
    /// Broker death records would make it look like a cycle, and be dropped; `CC` and `BCC` would send copies to
    /// whatever a sender had named.
    fileprivate var withoutRouting: MessageProperties {
        var properties = self
        properties.headers = headers.filter { !$0.key.hasPrefix("x-") && $0.key != "CC" && $0.key != "BCC" }
        properties.expiration = nil
        properties.persistent = true
        return properties
    }

    /// The properties with what made it a dead letter as a part of its history, and with a fresh count of attempts.
    fileprivate var withoutDeath: MessageProperties {
        var properties = self
        properties.headers = headers.filter {
            !$0.key.hasPrefix("shop-dead-") && $0.key != WireFormat.Header.attempt
                && $0.key != WireFormat.Header.lastError
        }
        DeadLetter.failures(headers)?.write(to: &properties.headers)
        return properties
    }
}
