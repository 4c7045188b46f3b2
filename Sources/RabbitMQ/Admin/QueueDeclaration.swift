/// The declaration of a queue, its name aside.
public struct QueueDeclaration: Sendable, Equatable {
    /// Whether the queue itself survives a restart of the broker.
    public var durable: Bool
    /// Whether it belongs to the declaring connection alone and goes with it.
    public var exclusive: Bool
    /// Whether it goes with its last consumer.
    public var autoDelete: Bool
    /// `x-queue-type` and the like. A queue's arguments cannot be changed later.
    public var arguments: [String: HeaderValue]
    /// A binding that routes messages into it.
    public var bindings: [QueueBinding]

    /// Creates a declaration; by default a durable queue without bindings.
    public init(
        durable: Bool = true,
        exclusive: Bool = false,
        autoDelete: Bool = false,
        arguments: [String: HeaderValue] = [:],
        bindings: [QueueBinding] = []
    ) {
        self.durable = durable
        self.exclusive = exclusive
        self.autoDelete = autoDelete
        self.arguments = arguments
        self.bindings = bindings
    }

    /// A queue for one process, gone with its connection: for events that everybody gets.
    public static func temporary(bindings: [QueueBinding]) -> QueueDeclaration {
        QueueDeclaration(durable: false, exclusive: true, autoDelete: true, bindings: bindings)
    }
}

/// A route from an exchange to a queue.
public struct QueueBinding: Sendable, Equatable {
    /// The exchange.
    public var exchange: String
    /// The routing key, or for a topic exchange its pattern.
    public var routingKey: String

    /// Creates a binding.
    public init(exchange: String, routingKey: String) {
        self.exchange = exchange
        self.routingKey = routingKey
    }
}

/// The broker's word on a queue.
public struct QueueStatus: Sendable, Equatable {
    /// Messages ready for delivery; those delivered but not acked are not counted.
    public var messages: Int
    /// Active consumers.
    public var consumers: Int

    /// Creates a status.
    public init(messages: Int, consumers: Int) {
        self.messages = messages
        self.consumers = consumers
    }
}

/// The way an exchange routes.
public enum ExchangeKind: String, Sendable, CaseIterable {
    /// By pattern.
    case topic
    /// By equal key.
    case direct
    /// To every queue.
    case fanout
    /// By headers.
    case headers
}
