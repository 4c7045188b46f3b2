import Events
import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import TestSupport
import Testing

@testable import Sagas

/// Resends follow the backlog: what is late is not asked for again by everybody.
@Suite(.serialized) struct ResendTests {
    private static let definition = SagaDefinition(
        name: "test", coordinator: "orders", participants: ["products", "customers"])

    @Test func theMoreIsUnderWayTheLessIsSentAgain() {
        #expect(SagaSweeper.resends(underWay: 0) == 100 && SagaSweeper.resends(underWay: 100) == 100)
        #expect(SagaSweeper.resends(underWay: 400) == 25)
        #expect(SagaSweeper.resends(underWay: 1_000_000) == 1)
        let counts = (0..<5_000).map { SagaSweeper.resends(underWay: $0) }
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 >= $1 })
    }

    @Test func aSweepSendsABoundedNumberAndOnlyToWhoIsSilent() async throws {
        try await withFixture { fixture in
            let scene = try await Scene(fixture)
            try await scene.begin(400, deadline: "1 hour")
            await scene.sweeper.sweep(scene.coordinator)
            #expect(try await scene.sent(.try) == 25)
            await scene.sweeper.sweep(scene.coordinator)
            #expect(try await scene.sent(.try) == 50, "others come next")
            #expect(
                try await scene.number("SELECT count(DISTINCT correlation_id) FROM outbox") == 50, "each once")
            // The customers have voted: it is not for them.
            #expect(try await scene.number("SELECT count(*) FROM outbox WHERE body->>'to' = '[\"products\"]'") == 50)
        }
    }

    /// Deadlines are no resends: they are all kept, whatever the backlog.
    @Test func everyDeadlineIsKept() async throws {
        try await withFixture { fixture in
            let scene = try await Scene(fixture)
            try await scene.begin(250, deadline: "0")
            await scene.sweeper.sweep(scene.coordinator)
            #expect(try await scene.sent(.cancel) == 250)
            #expect(try await scene.sent(.try) == 0)
        }
    }

    @Test func aDecisionIsSentAgainToThoseWhoHaveNotCarriedItOut() async throws {
        try await withFixture { fixture in
            let scene = try await Scene(fixture)
            try await scene.begin(1, deadline: "1 hour")
            try await scene.database.query(
                "UPDATE sagas SET phase = 'confirming', decided_at = now()")
            try await scene.database.query(
                """
                UPDATE saga_participants SET vote = 'accepted', voted_at = now(),
                    done_at = CASE participant WHEN 'customers' THEN now() END
                """)
            await scene.sweeper.sweep(scene.coordinator)
            #expect(
                try await scene.number(
                    "SELECT count(*) FROM outbox WHERE type LIKE '%.confirm' AND body->>'to' = '[\"products\"]'") == 1)
        }
    }

    /// A coordinator on a database of its own, with nobody listening.
    private struct Scene {
        let database: PostgresClient
        let coordinator: SagaCoordinator
        let sweeper: SagaSweeper

        init(_ fixture: Fixture) async throws {
            let database = PostgresClient(
                configuration: try PostgresConfiguration(url: try await Shop.database(.orders, fixture)),
                logger: testLogger)
            fixture.atEnd { await database.close() }
            self.database = database
            coordinator = SagaCoordinator(ResendTests.definition, handler: Nobody(), logger: testLogger)
            sweeper = SagaSweeper(
                coordinators: [coordinator], transactor: Transactor(database: database, outboxWake: Wake()),
                interval: .seconds(1), logger: testLogger)
        }

        /// Records sagas that are due, in which the customers have voted.
        func begin(_ count: Int64, deadline: String) async throws {
            try await database.query(
                """
                INSERT INTO sagas (id, name, subject_id, phase, payload, deadline_at, next_attempt_at)
                SELECT gen_random_uuid(), 'test', n, 'trying', '{}', now() + \(deadline)::text::interval,
                    now() - interval '1 minute'
                FROM generate_series(1, \(count)) n
                """)
            try await database.query(
                """
                INSERT INTO saga_participants (saga_id, participant, vote, voted_at)
                SELECT id, p.name, p.vote, CASE WHEN p.vote IS NOT NULL THEN now() END
                FROM sagas, (VALUES ('products', NULL), ('customers', 'accepted')) AS p (name, vote)
                """)
        }

        func sent(_ kind: SagaMessageKind) async throws -> Int64 {
            try await number("SELECT count(*) FROM outbox WHERE type = \(ResendTests.definition.type(kind))")
        }

        func number(_ query: PostgresQuery) async throws -> Int64 {
            try await database.query(query).decode((Int64).self)[0]
        }
    }
}
