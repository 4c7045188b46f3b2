import DevStack
import Logging
import RabbitMQ
import TestSupport

/// A virtual host of a test's own and the clients on it, all closed at the end.
struct BrokerFixture: Sendable {
    let fixture: Fixture
    let virtualHost: TestVirtualHost
    let configuration: RabbitMQConfiguration
    let admin: RabbitMQAdmin

    func publisher(_ configuration: RabbitMQConfiguration? = nil) -> RabbitMQPublisher {
        let publisher = RabbitMQPublisher(configuration: configuration ?? self.configuration, logger: quietLogger)
        fixture.atEnd { await publisher.close() }
        return publisher
    }

    func consumer(
        _ queue: String, _ options: ConsumerOptions = ConsumerOptions(), via configuration: RabbitMQConfiguration? = nil
    ) -> RabbitMQConsumer {
        let consumer = RabbitMQConsumer(
            configuration: configuration ?? self.configuration, queue: queue, options: options, logger: quietLogger)
        fixture.atEnd { await consumer.close() }
        return consumer
    }

    /// A proxy in front of the broker, and the way through it.
    func proxy() throws -> (TCPProxy, RabbitMQConfiguration) {
        let proxy = TCPProxy(to: configuration.port)
        fixture.atEnd { proxy.close() }
        var url = virtualHost.url
        url.replace(":\(configuration.port)/", with: ":\(proxy.port)/")
        var through = try patientConfiguration(url: url)
        through.reconnectDelay = .milliseconds(1) ... .milliseconds(50)
        return (proxy, through)
    }

    func declareQuorumQueue(_ name: String) async throws {
        try await admin.declareQueue(name, arguments: ["x-queue-type": "quorum"])
    }

    /// Has the broker close every connection to the virtual host.
    func killConnections() async throws {
        try await fixture.stack.broker.evaluate(
            "[catch rabbit_networking:close_connection(P, \"closed by a test\") || P <- \(connectionList)], ok")
    }

    /// How many connections to the virtual host the broker has.
    func connectionCount() async throws -> Int {
        Int(try await fixture.stack.broker.evaluate("length(\(connectionList))")) ?? -1
    }

    private var connectionList: String {
        "[C || C <- rabbit_networking:connections(), "
            + "(catch rabbit_networking:connection_info(C, [vhost])) =:= [{vhost, <<\"\(virtualHost.name)\">>}]]"
    }
}

/// Runs a test on a virtual host of its own.
func withBroker(
    isolation: isolated (any Actor)? = #isolation, _ body: (BrokerFixture) async throws -> Void
) async throws {
    try await withFixture { fixture in try await body(try await brokerFixture(fixture)) }
}

/// A virtual host on a fixture's stack.
func brokerFixture(_ fixture: Fixture) async throws -> BrokerFixture {
    let virtualHost = try await fixture.vhost()
    var configuration = try patientConfiguration(url: virtualHost.url)
    configuration.reconnectDelay = .milliseconds(1) ... .milliseconds(50)
    let admin = RabbitMQAdmin(configuration: configuration, logger: quietLogger)
    fixture.atEnd { await admin.close() }
    return BrokerFixture(fixture: fixture, virtualHost: virtualHost, configuration: configuration, admin: admin)
}

/// A configuration whose deadlines do not pass because a machine is busy; a test whose subject they are sets its own.
func patientConfiguration(url: String) throws -> RabbitMQConfiguration {
    var configuration = try RabbitMQConfiguration(url: url)
    configuration.connectTimeout = .seconds(60)
    configuration.requestTimeout = .seconds(60)
    configuration.publishTimeout = .seconds(120)
    return configuration
}

/// Tests break connections on purpose; only what is worse is worth a line.
let quietLogger: Logger = {
    var logger = Logger(label: "rabbitmq.tests")
    logger.logLevel = .error
    return logger
}()

/// A message to a queue by way of the default exchange.
func message(to queue: String, _ text: String, id: String? = nil) -> RabbitMQMessage {
    RabbitMQMessage(
        exchange: "", routingKey: queue, body: Array(text.utf8), properties: MessageProperties(messageID: id ?? text))
}

extension Delivery {
    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension RabbitMQConsumer {
    /// The next batch that is not empty; for tests that want exactly one.
    func oneBatch() async throws -> DeliveryBatch {
        for await batch in batches { return batch }
        throw RabbitMQError(.closed, "the sequence has ended")
    }

    /// The next batches, until they have so many deliveries: how these are divided is up to the network.
    func batches(of count: Int) async throws -> [DeliveryBatch] {
        var taken: [DeliveryBatch] = []
        while taken.reduce(0, { $0 + $1.deliveries.count }) < count { taken.append(try await oneBatch()) }
        return taken
    }
}

/// The kind of the ``RabbitMQError`` that an operation throws; `nil` if it throws none.
func errorKind<R>(
    isolation: isolated (any Actor)? = #isolation, _ operation: () async throws -> R
) async -> RabbitMQError.Kind? {
    do {
        _ = try await operation()
        return nil
    } catch {
        return (error as? RabbitMQError)?.kind
    }
}
