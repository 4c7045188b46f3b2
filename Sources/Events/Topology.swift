public import RabbitMQ

/// The broker's side of the shop: every exchange, queue and binding, by name.
///
/// `migrate` declares it, services only check it. Queue arguments cannot change, so queue names carry a version.
public struct Topology: Sendable {
    /// Topic exchange that carries every message; the routing key is the message's type.
    public static let eventsExchange = "shop.events"
    /// Direct exchange in front of the retry queues; the routing key is `<service>.<delay>`.
    public static let retryExchange = "shop.retry"
    /// Direct exchange in front of the dead-letter queues; the routing key is the service.
    public static let deadExchange = "shop.dead"

    /// The services that consume, each with the types it is bound to.
    public let services: [ServiceTopology]

    public init(services: [ServiceTopology]) {
        self.services = services
    }

    /// Every exchange with its kind.
    public static let exchanges: [(name: String, kind: ExchangeKind)] = [
        (eventsExchange, .topic), (retryExchange, .direct), (deadExchange, .direct),
    ]
}

/// One service's queues.
public struct ServiceTopology: Sendable {
    /// The service's name, as in `products`.
    public let service: String
    /// Topic patterns its inbox is bound to.
    public let bindings: [String]

    public init(service: String, bindings: [String]) {
        self.service = service
        self.bindings = bindings
    }

    /// The queue the service consumes.
    public var inbox: String { "\(service).inbox.v1" }
    /// The queue of what was given up on.
    public var dead: String { "\(service).dead.v1" }
    /// The queue in which a failed message waits before it comes back to the inbox.
    public func retry(_ delay: RetryDelay) -> String { "\(service).retry.\(delay.rawValue).v1" }
    /// Routing key of ``retry(_:)`` on the retry exchange.
    public func retryKey(_ delay: RetryDelay) -> String { "\(service).\(delay.rawValue)" }

    /// The queues to declare, with the arguments they have for ever.
    public var queues: [QueueDefinition] {
        // At-least-once dead-lettering needs reject-publish; a bound on what one queue may hold comes with it.
        let quorum: [String: HeaderValue] = ["x-queue-type": .string("quorum")]
        let inboxQueue = QueueDefinition(
            name: inbox, arguments: quorum,
            bindings: bindings.map { QueueBinding(exchange: Topology.eventsExchange, routingKey: $0) })
        let retryQueues = RetryDelay.allCases.map { delay in
            QueueDefinition(
                name: retry(delay),
                arguments: quorum.merging(
                    [
                        "x-message-ttl": .int(delay.milliseconds),
                        "x-dead-letter-exchange": .string(""),
                        "x-dead-letter-routing-key": .string(inbox),
                        "x-dead-letter-strategy": .string("at-least-once"),
                        "x-overflow": .string("reject-publish"),
                    ], uniquingKeysWith: { _, new in new }),
                bindings: [QueueBinding(exchange: Topology.retryExchange, routingKey: retryKey(delay))])
        }
        let deadQueue = QueueDefinition(
            name: dead, arguments: quorum,
            bindings: [QueueBinding(exchange: Topology.deadExchange, routingKey: service)])
        return [inboxQueue] + retryQueues + [deadQueue]
    }
}

/// A durable queue and its bindings.
public struct QueueDefinition: Sendable {
    public let name: String
    public let arguments: [String: HeaderValue]
    public let bindings: [QueueBinding]
}
