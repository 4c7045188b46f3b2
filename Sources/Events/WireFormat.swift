import FoundationEssentials
public import RabbitMQ

/// The form of an ``Envelope`` as an AMQP message.
public enum WireFormat {
    enum Header {
        static let attempt = "shop-attempt"
        static let lastError = "shop-last-error"
        static let causation = "shop-causation-id"
        /// The routing key that the sender gave it, noted when it is moved.
        static let routingKey = "shop-routing-key"
        static let traceparent = "traceparent"
    }

    /// The AMQP message of an envelope.
    ///
    /// - Parameters:
    ///   - exchange: Where it is published.
    ///   - routingKey: Its routing key; the type, on the events exchange.
    ///   - mandatory: Whether a message that no queue takes is an error.
    ///   - extraHeaders: Added to the envelope's own.
    public static func message(
        _ envelope: Envelope, exchange: String, routingKey: String, mandatory: Bool = true,
        extraHeaders: [String: HeaderValue] = [:]
    ) -> RabbitMQMessage {
        var headers = extraHeaders
        headers[Header.attempt] = .int(Int64(envelope.attempt))
        if let error = envelope.lastError { headers[Header.lastError] = .string(error) }
        envelope.failures?.write(to: &headers)
        if let causation = envelope.causationID { headers[Header.causation] = .string(text(causation)) }
        if let traceparent = envelope.traceparent { headers[Header.traceparent] = .string(traceparent) }
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.messageID = text(envelope.messageID)
        properties.correlationID = envelope.correlationID.map(text)
        properties.type = envelope.type
        properties.appID = envelope.appID
        properties.timestamp = envelope.timestamp
        properties.persistent = true
        properties.headers = headers
        return RabbitMQMessage(
            exchange: exchange, routingKey: routingKey, body: envelope.body, properties: properties,
            mandatory: mandatory)
    }

    /// Reads a delivery's messages: one, or all those of a batch.
    ///
    /// - Throws: ``MessageRejection``, for the delivery as a whole.
    public static func envelopes(_ delivery: Delivery) throws(MessageRejection) -> [Envelope] {
        try MessageBatch.messages(of: envelope(delivery))
    }

    /// Reads a delivery's envelope, of a batch as it is.
    ///
    /// - Throws: ``MessageRejection`` of class `undecodable` when a property the shop always sets is not there.
    public static func envelope(_ delivery: Delivery) throws(MessageRejection) -> Envelope {
        let properties = delivery.properties
        guard let messageID = properties.messageID.flatMap(UUID.init(uuidString:)) else {
            throw MessageRejection(.undecodable, "the property message_id is not a UUID")
        }
        guard let type = properties.type, !type.isEmpty else {
            throw MessageRejection(.undecodable, "the property type is missing")
        }
        guard let appID = properties.appID else {
            throw MessageRejection(.undecodable, "the property app_id is missing")
        }
        var correlationID: UUID?
        if let text = properties.correlationID {
            guard let id = UUID(uuidString: text) else {
                throw MessageRejection(.undecodable, "the property correlation_id is not a UUID")
            }
            correlationID = id
        }
        return Envelope(
            messageID: messageID, type: type, correlationID: correlationID,
            causationID: properties.headers[Header.causation]?.stringValue.flatMap(UUID.init(uuidString:)),
            appID: appID, timestamp: properties.timestamp ?? Date(),
            attempt: attempts(before: delivery),
            lastError: properties.headers[Header.lastError]?.stringValue,
            failures: FailureHistory(properties.headers),
            traceparent: properties.headers[Header.traceparent]?.stringValue, body: delivery.body)
    }

    /// The number of times handling it has failed before; what no policy would count up to is taken for the most.
    public static func attempts(before delivery: Delivery) -> Int {
        Int(min(max(delivery.properties.headers[Header.attempt]?.intValue ?? 0, 0), 1_000_000))
    }

    /// UUIDs travel in lower case, as PostgreSQL prints them.
    static func text(_ id: UUID) -> String { id.uuidString.lowercased() }
}
