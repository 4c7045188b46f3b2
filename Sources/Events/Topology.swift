public import RabbitMQ

/// The broker's side of the shop: every exchange, queue and binding, by name.
///
/// `migrate` declares it; services check it and bind their own queues again. Queue arguments cannot change, so queue
/// names carry a version.
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

    /// The number of times the broker may take a message back, until it makes it a dead letter. A message that fails is
    /// counted by its attempts instead: this is for what ends processes. A policy of the broker can only lower it.
    public static let deliveryLimit: Int64 = 1000

    /// The queue the service consumes.
    public var inbox: String { Self.inbox(service, version: 2) }
    /// The queue of what was given up on.
    public var dead: String { Self.dead(service, version: 2) }
    /// The queue in which a failed message waits before it comes back to the inbox.
    public func retry(_ delay: RetryDelay) -> String { Self.retry(service, delay, version: 2) }
    /// Routing key of ``retry(_:)`` on the retry exchange.
    public func retryKey(_ delay: RetryDelay) -> String { "\(service).\(delay.rawValue)" }

    private static func inbox(_ service: String, version: Int) -> String { "\(service).inbox.v\(version)" }
    private static func dead(_ service: String, version: Int) -> String { "\(service).dead.v\(version)" }
    private static func retry(_ service: String, _ delay: RetryDelay, version: Int) -> String {
        "\(service).retry.\(delay.rawValue).v\(version)"
    }

    /// The queues to declare, with the arguments they have for ever.
    public var queues: [QueueDefinition] {
        let quorum: [String: HeaderValue] = ["x-queue-type": .string("quorum")]
        // Dead-lettering is at least once only with reject-publish, which also keeps a policy's max-length from
        // dropping what is at the head.
        func deadLettering(to exchange: String, _ key: String) -> [String: HeaderValue] {
            quorum.merging(
                [
                    "x-dead-letter-exchange": .string(exchange),
                    "x-dead-letter-routing-key": .string(key),
                    "x-dead-letter-strategy": .string("at-least-once"),
                    "x-overflow": .string("reject-publish"),
                ], uniquingKeysWith: { _, new in new })
        }
        var inboxArguments = deadLettering(to: Topology.deadExchange, service)
        inboxArguments["x-delivery-limit"] = .int(Self.deliveryLimit)
        var deadArguments = quorum
        deadArguments["x-delivery-limit"] = .int(1_000_000)
        deadArguments["x-overflow"] = .string("reject-publish")
        let inboxQueue = QueueDefinition(name: inbox, arguments: inboxArguments, bindings: inboxBindings)
        let retryQueues = RetryDelay.allCases.map { delay in
            QueueDefinition(
                name: retry(delay),
                arguments: deadLettering(to: "", inbox)
                    .merging(["x-message-ttl": .int(delay.milliseconds)], uniquingKeysWith: { _, new in new }),
                bindings: retryBindings(delay))
        }
        let deadQueue = QueueDefinition(name: dead, arguments: deadArguments, bindings: deadBindings)
        return [inboxQueue] + retryQueues + [deadQueue]
    }

    /// The queues of earlier versions of the shop, those that empty themselves into others first.
    public var retiredQueues: [RetiredQueue] {
        RetryDelay.allCases.map { delay in
            RetiredQueue(
                name: Self.retry(service, delay, version: 1), successor: retry(delay), bindings: retryBindings(delay))
        } + [
            RetiredQueue(name: Self.inbox(service, version: 1), successor: inbox, bindings: inboxBindings),
            RetiredQueue(name: Self.dead(service, version: 1), successor: dead, bindings: deadBindings),
        ]
    }

    private var inboxBindings: [QueueBinding] {
        bindings.map { QueueBinding(exchange: Topology.eventsExchange, routingKey: $0) }
    }

    private func retryBindings(_ delay: RetryDelay) -> [QueueBinding] {
        [QueueBinding(exchange: Topology.retryExchange, routingKey: retryKey(delay))]
    }

    private var deadBindings: [QueueBinding] { [QueueBinding(exchange: Topology.deadExchange, routingKey: service)] }
}

/// A durable queue and its bindings.
public struct QueueDefinition: Sendable {
    public let name: String
    public let arguments: [String: HeaderValue]
    public let bindings: [QueueBinding]
}

/// A queue that is no longer used.
public struct RetiredQueue: Sendable {
    public let name: String
    /// The queue that has taken its place.
    public let successor: String
    /// The bindings it had.
    public let bindings: [QueueBinding]
}
