/// A message: where it goes or came from, what it says, and its properties.
public struct RabbitMQMessage: Sendable, Equatable {
    /// The exchange; empty for the default exchange, whose routing keys are queue names.
    public var exchange: String
    /// The routing key.
    public var routingKey: String
    /// The body.
    public var body: [UInt8]
    /// The properties.
    public var properties: MessageProperties
    /// Whether a message that no queue takes comes back as ``PublishOutcome/returned(code:reason:)``.
    ///
    /// Says nothing in a message that was received.
    public var mandatory: Bool

    /// Creates a message.
    public init(
        exchange: String,
        routingKey: String,
        body: [UInt8],
        properties: MessageProperties = MessageProperties(),
        mandatory: Bool = true
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.body = body
        self.properties = properties
        self.mandatory = mandatory
    }

    /// Passes if it can be sent.
    /// - Throws: ``RabbitMQError`` of kind `invalidMessage`, naming the first field that is too long.
    public func check() throws(RabbitMQError) { try MessageLimits.check(self) }
}

/// The broker's word about a published message.
public enum PublishOutcome: Sendable, Equatable {
    /// The broker has taken responsibility for it.
    case confirmed
    /// The broker could not take it (a full queue that rejects, an internal error).
    case nacked
    /// It was mandatory and no queue took it.
    case returned(code: Int, reason: String)
}
