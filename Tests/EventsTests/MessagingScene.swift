import DevStack
import FoundationEssentials
import Logging
import Postgres
import RabbitMQ
import ServiceLifecycle
import TestSupport
import Testing

@testable import Events

/// A database with an outbox and an inbox, a virtual host with one service's queues, and what stands between them.
struct MessagingScene: Sendable {
    static let service = ServiceTopology(service: "tests", bindings: ["test.happened", "test.slow"])

    let fixture: Fixture
    let databaseURL: String
    let vhost: String
    let database: PostgresClient
    let broker: RabbitMQConfiguration
    let admin: RabbitMQAdmin
    let publisher: RabbitMQPublisher

    static func open(_ body: (MessagingScene) async throws -> Void) async throws {
        try await withFixture { fixture in
            let url = try await fixture.database(template: "messaging", prepare: Self.migrate).url
            let database = try Self.client(url)
            let vhost = try await fixture.vhost()
            let broker = try Self.broker(vhost.url)
            let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
            let publisher = RabbitMQPublisher(configuration: broker, logger: testLogger)
            fixture.atEnd {
                await publisher.close()
                await admin.close()
                await database.close()
            }
            try await Self.declare(service, by: admin)
            try await body(
                MessagingScene(
                    fixture: fixture, databaseURL: url, vhost: vhost.name, database: database, broker: broker,
                    admin: admin, publisher: publisher))
        }
    }

    /// Makes the exchanges of the shop and the queues of a service.
    static func declare(_ service: ServiceTopology, by admin: RabbitMQAdmin) async throws {
        for (name, kind) in Topology.exchanges { try await admin.declareExchange(name, kind: kind) }
        for queue in service.queues {
            try await admin.declareQueue(
                queue.name, QueueDeclaration(arguments: queue.arguments, bindings: queue.bindings))
        }
    }

    /// The tables of messaging, from the migrations of a service.
    private static func migrate(_ url: String) async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../migrations/orders")
        let database = try client(url)
        for name in [
            "000001_messaging.up.sql", "000007_commit_marks.up.sql", "000008_outbox_claims.up.sql",
            "000015_outbox_replays.up.sql",
        ] {
            let script = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            try await database.transaction { try await $0.execute(script: script) }
        }
        try await database.query("CREATE TABLE handled (message_id uuid PRIMARY KEY, attempt bigint NOT NULL)")
        await database.close()
    }

    /// A client whose deadlines do not pass because a machine is busy.
    static func client(_ url: String) throws -> PostgresClient {
        var configuration = try PostgresConfiguration(url: url)
        configuration.connectTimeout = .seconds(60)
        configuration.poolTimeout = .seconds(60)
        configuration.lockTimeout = .seconds(120)
        configuration.statementTimeout = .seconds(120)
        return PostgresClient(configuration: configuration, logger: testLogger)
    }

    /// A way to the broker, as patient.
    static func broker(_ url: String) throws -> RabbitMQConfiguration {
        var configuration = try RabbitMQConfiguration(url: url)
        configuration.connectTimeout = .seconds(60)
        configuration.requestTimeout = .seconds(60)
        configuration.publishTimeout = .seconds(60)
        return configuration
    }

    /// A client of the database by way of a proxy.
    func client(through proxy: TCPProxy) throws -> PostgresClient {
        try Self.client(databaseURL.replacing(":\(fixture.stack.state.postgres.port)/", with: ":\(proxy.port)/"))
    }

    // MARK: Messages

    static func envelope(_ type: String, attempt: Int = 0, body: String = "{}") -> Envelope {
        Envelope(
            messageID: UUID(), type: type, appID: "test", timestamp: Date(), attempt: attempt, body: Array(body.utf8))
    }

    /// Puts messages into the inbox.
    func deliver(_ envelopes: [Envelope]) async throws {
        let outcomes = try await publisher.publish(
            envelopes.map { WireFormat.message($0, exchange: "", routingKey: Self.service.inbox) })
        #expect(outcomes.allSatisfy { $0 == .confirmed })
    }

    func handled() async throws -> Set<UUID> {
        Set(try await database.query("SELECT message_id FROM handled").decode((UUID).self))
    }

    func ready(_ queue: String) async throws -> Int { try await admin.checkQueue(queue).messages }

    /// How many messages wait to be tried again.
    func waiting() async throws -> Int {
        var count = 0
        for delay in RetryDelay.allCases { count += try await ready(Self.service.retry(delay)) }
        return count
    }

    // MARK: Parts

    /// Commits a message by way of a transactor.
    @discardableResult
    func commit(_ transactor: Transactor, _ type: String = "test.happened") async throws -> UUID {
        let message = try OutboxMessage(type: type, body: ["n": 1])
        try await transactor.run { $0.send(message) }
        return message.messageID
    }

    /// Runs a relay with a transactor beside it, as in a replica.
    func withReplica(
        _ database: PostgresClient? = nil, broker: RabbitMQConfiguration? = nil,
        options: OutboxRelay.Options = .init(), _ body: (Transactor) async throws -> Void
    ) async throws {
        let messaging = Messaging(
            topology: Self.service, database: database ?? self.database, broker: broker ?? self.broker,
            relayOptions: options, logger: testLogger)
        let relay = messaging.services(handlers: [])[1]
        let running = Task { try await relay.run() }
        do { try await body(messaging.transactor) } catch {
            running.cancel()
            throw error
        }
        running.cancel()
    }

    /// Runs a consumer of the inbox.
    ///
    /// - Parameter isFinishing: Whether it finishes what it is at before it ends; else it is cancelled.
    func withConsumer(
        handlers: [any MessageHandler] = [Noting()], database: PostgresClient? = nil, transactor: Transactor? = nil,
        finishing isFinishing: Bool = false, logger: Logger = testLogger,
        _ body: () async throws -> Void
    ) async throws {
        let consumer = BatchConsumer(
            topology: Self.service,
            consumer: RabbitMQConsumer(configuration: broker, queue: Self.service.inbox, logger: logger),
            publisher: publisher,
            transactor: transactor ?? Transactor(database: database ?? self.database, outboxWake: Wake()),
            handlers: handlers,
            logger: logger)
        let group = ServiceGroup(services: [consumer], logger: logger)
        let running = Task { try await group.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        if isFinishing, case .success = result { await group.triggerGracefulShutdown() } else { running.cancel() }
        _ = await running.result
        try result.get()
    }
}

/// Notes that messages were handled; what its trouble does happens at each message of the type `test.slow`.
struct Noting: MessageHandler {
    var types: Set<String> = ["test.happened", "test.slow"]
    /// SQL.
    var trouble = "SELECT 1"

    func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
        for message in messages {
            _ = try message.decode(Body.self)
            if message.type == "test.slow" { try await work.transaction.query(PostgresQuery(unsafeSQL: trouble)) }
            try await work.transaction.query(
                """
                INSERT INTO handled VALUES (\(message.messageID), \(Int64(message.attempt))) ON CONFLICT DO NOTHING
                """)
        }
    }

    private struct Body: Decodable {
        let schema_version: SchemaVersion?
    }
}
