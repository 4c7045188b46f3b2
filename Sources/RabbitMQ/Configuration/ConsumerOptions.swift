/// The way a consumer takes messages.
public struct ConsumerOptions: Sendable {
    /// The most deliveries without an ack at any time: the only back-pressure there is. 1 to 65,535; default 256.
    public var prefetch: Int
    /// The most deliveries in a batch, which never waits for more than are there. Default 64.
    public var batchSize: Int
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
        consumerTag: String? = nil,
        exclusive: Bool = false,
        arguments: [String: HeaderValue] = [:],
        declare: QueueDeclaration? = nil
    ) {
        self.prefetch = prefetch
        self.batchSize = batchSize
        self.consumerTag = consumerTag
        self.exclusive = exclusive
        self.arguments = arguments
        self.declare = declare
    }
}
