import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import ShopContracts
import ShopHarness
import TestSupport
import Testing

@testable import Events
@testable import Sagas

/// A coordinator on a database and a virtual host of its own, with nobody listening but the test.
struct SweeperScene {
    static let definition = SagaDefinition(
        name: "test", coordinator: "orders", participants: ["products", "customers"])
    private static let queue = "sent"

    let database: PostgresClient
    private let admin: RabbitMQAdmin
    let coordinator: SagaCoordinator
    let sweeper: SagaSweeper

    init(_ fixture: Fixture) async throws {
        let database = PostgresClient(
            configuration: try PostgresConfiguration(url: try await Shop.database(.orders, fixture)),
            logger: testLogger)
        fixture.atEnd { await database.close() }
        self.database = database
        let broker = try RabbitMQConfiguration(url: try await fixture.vhost().url)
        let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
        self.admin = admin
        try await admin.declareExchange(Topology.eventsExchange, kind: .topic)
        try await admin.declareQueue(Self.queue)
        try await admin.bind(queue: Self.queue, exchange: Topology.eventsExchange, routingKey: "saga.#")
        let messaging = Messaging(
            topology: ServiceTopology(service: "orders", bindings: []), database: database, broker: broker,
            logger: testLogger)
        let sending = Task { [direct = messaging.direct] in try await direct.run() }
        fixture.atEnd {
            sending.cancel()
            await admin.close()
        }
        coordinator = SagaCoordinator(
            Self.definition, timing: SagaTiming(ShopConfiguration.standard), handler: Nobody(),
            logger: testLogger)
        sweeper = SagaSweeper(
            coordinators: [coordinator], database: database, transactor: messaging.transactor,
            interval: .seconds(1), logger: testLogger)
    }

    /// Records sagas that are due, in which the customers have voted.
    func begin(_ count: Int64, deadline: String) async throws {
        try await database.query(
            """
            INSERT INTO sagas (id, name, subject_id, phase, payload, deadline_at, next_attempt_at, participants)
            SELECT gen_random_uuid(), 'test', n, 'trying', '{}', now() + \(deadline)::text::interval,
                now() - interval '1 minute', jsonb_build_object(
                    'products', '{}'::jsonb,
                    'customers', jsonb_build_object('vote', 'accepted', 'voted_at', now()))
            FROM generate_series(1, \(count)) n
            """)
    }

    /// The messages of a kind, as soon as there are so many.
    func sent(_ kind: SagaMessageKind, atLeast count: Int) async throws -> [Envelope] {
        try await eventuallyValue("\(count) times \(kind) is sent") {
            let sent = try await admin.get(queue: Self.queue, limit: 1_000).flatMap { try WireFormat.envelopes($0) }
                .filter { $0.type == Self.definition.type(kind) }
            return sent.count >= count ? sent : nil
        }
    }

    func number(_ query: PostgresQuery) async throws -> Int64 {
        try await database.query(query).decode((Int64).self)[0]
    }
}
