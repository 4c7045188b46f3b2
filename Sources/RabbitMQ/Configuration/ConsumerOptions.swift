/// The way a consumer takes messages.
public struct ConsumerOptions: Sendable {
    /// Tells how long a delivery may wait for others.
    public typealias Patience = @Sendable (Delivery) -> Duration

    /// The most deliveries without an ack at any time: the only back-pressure there is. 1 to 65,535; default 256.
    public var prefetch: Int
    /// The most deliveries in a batch, which waits for no more than are there unless ``patience`` lets it. Default 64.
    public var batchSize: Int
    /// The longest that a delivery may wait, while nobody is busy with others, for company. As soon as one that may not
    /// wait is there, or a batch is full, all are given out, in their order. `nil` lets none wait.
    public var patience: Patience?
    /// The consumer's name at the broker; `nil` lets the broker choose one.
    public var consumerTag: String?
    /// Whether this may be the queue's only consumer.
    public var exclusive: Bool
    /// `x-priority` and the like.
    public var arguments: [String: HeaderValue]
    /// Declares the queue and its bindings at every connect; `nil` means that the queue exists.
    public var declare: QueueDeclaration?

    /// Creates options.
    public init(
        prefetch: Int = 256,
        batchSize: Int = 64,
        patience: Patience? = nil,
        consumerTag: String? = nil,
        exclusive: Bool = false,
        arguments: [String: HeaderValue] = [:],
        declare: QueueDeclaration? = nil
    ) {
        self.prefetch = prefetch
        self.batchSize = batchSize
        self.patience = patience
        self.consumerTag = consumerTag
        self.exclusive = exclusive
        self.arguments = arguments
        self.declare = declare
    }
}
