public import Logging
public import Postgres
public import RabbitMQ
public import ServiceLifecycle

/// A service's side of the message traffic, put together: the transactor it writes through, the relay of its
/// outbox, the publisher of what follows from rows, and the consumer of its inbox.
public struct Messaging: Sendable {
    public let topology: ServiceTopology
    /// The way in which the service writes.
    public let transactor: Transactor
    private let broker: RabbitMQConfiguration
    private let publisher: RabbitMQPublisher
    private let relay: OutboxRelay
    let direct: DirectPublisher
    private let logger: Logger

    public init(
        topology: ServiceTopology, database: PostgresClient, broker: RabbitMQConfiguration,
        relayOptions: OutboxRelay.Options = .init(), logger: Logger
    ) {
        let wake = Wake()
        self.topology = topology
        self.broker = broker
        self.logger = logger
        let handover = OutboxHandover(claim: relayOptions.claim)
        publisher = RabbitMQPublisher(configuration: broker, logger: logger)
        direct = DirectPublisher(service: topology.service, publisher: publisher, logger: logger)
        transactor = Transactor(database: database, outboxWake: wake, handover: handover, direct: direct)
        relay = OutboxRelay(
            service: topology.service, database: database, publisher: publisher, wake: wake, handover: handover,
            options: relayOptions, logger: logger)
    }

    /// Whether messages get through to the broker.
    public var brokerReach: @Sendable () -> BrokerReach {
        let direct = direct
        return { direct.reach }
    }

    /// Everything that must run, in the order in which it starts; it stops in reverse, relay and publisher last, so
    /// that what the consumer's last batch has written still goes out.
    ///
    /// - Parameter handlers: Each for its own types. Several take their locks in this order.
    public func services(
        handlers: [any MessageHandler], retryPolicy: RetryPolicy = .standard
    ) -> [any Service] {
        let patience = MessageRouter.patience(of: handlers)
        let options = ConsumerOptions(patience: { $0.properties.type.flatMap { patience[$0] } ?? .zero })
        let consumer = BatchConsumer(
            topology: topology,
            consumer: RabbitMQConsumer(
                configuration: broker, queue: topology.inbox, options: options, logger: logger),
            publisher: publisher, transactor: transactor, handlers: handlers, retryPolicy: retryPolicy,
            logger: logger)
        return [PublisherCloser(publisher: publisher), relay, direct, consumer]
    }
}

/// Keeps the publisher open until all that publish have stopped.
private struct PublisherCloser: Service {
    let publisher: RabbitMQPublisher

    func run() async throws {
        try? await gracefulShutdown()
        await publisher.close()
    }
}
