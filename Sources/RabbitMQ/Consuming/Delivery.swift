/// A message as it was delivered.
public struct Delivery: Sendable, Equatable {
    /// The message.
    public let message: RabbitMQMessage
    /// Whether it may have been delivered before, to this or another consumer.
    public let redelivered: Bool
    /// The number that settles it, on the connection it came by.
    public let deliveryTag: UInt64

    /// The exchange it was published to.
    public var exchange: String { message.exchange }
    /// The routing key it was published with.
    public var routingKey: String { message.routingKey }
    /// The body.
    public var body: [UInt8] { message.body }
    /// The properties.
    public var properties: MessageProperties { message.properties }

    init(_ info: DeliveryInfo, _ properties: MessageProperties, _ body: [UInt8]) {
        message = RabbitMQMessage(
            exchange: info.exchange, routingKey: info.routingKey, body: body, properties: properties, mandatory: false)
        redelivered = info.redelivered
        deliveryTag = info.deliveryTag
    }
}
