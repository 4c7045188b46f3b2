import DevStack
import FoundationEssentials
import Postgres
import RabbitMQ
import ServiceLifecycle
import TestSupport
import Testing

@testable import Events

/// Every replica publishes what it has committed, and none waits for another.
@Suite struct RelayTests {
    /// A relay that never looks by itself in a test's time.
    private static var blind: OutboxRelay.Options {
        var options = OutboxRelay.Options()
        options.pollInterval = .seconds(3600)
        return options
    }

    /// A relay whose claims end soon.
    private static var hasty: OutboxRelay.Options {
        var options = OutboxRelay.Options()
        options.claim = .seconds(1)
        options.pollInterval = .milliseconds(100)
        return options
    }

    private func arrives(_ id: UUID, in scene: MessagingScene) async throws {
        try await eventually("the message arrives") {
            let found = try await scene.admin.get(queue: MessagingScene.service.inbox, limit: 100)
            return found.contains { $0.properties.messageID == WireFormat.text(id) }
        }
    }

    private func isPublished(_ id: UUID, in scene: MessagingScene) async throws {
        try await eventually("the row is marked") {
            try await scene.database.query(
                "SELECT 1 FROM outbox WHERE message_id = \(id) AND published_at IS NOT NULL"
            ).count == 1
        }
    }

    @Test func eachReplicaSendsWhatItHasCommitted() async throws {
        try await MessagingScene.open { scene in
            try await scene.withReplica(options: Self.blind) { first in
                try await isPublished(scene.commit(first), in: scene)
                try await scene.withReplica(options: Self.blind) { second in
                    for transactor in [first, second, first, second] {
                        let id = try await scene.commit(transactor)
                        try await arrives(id, in: scene)
                        try await isPublished(id, in: scene)
                    }
                }
            }
            // Nothing was sent twice; what was looked at last may still be on its way back.
            let sent = try await eventuallyValue("all are there") {
                let found = try await scene.admin.get(queue: MessagingScene.service.inbox, limit: 100)
                return found.count >= 5 ? found : nil
            }
            #expect(sent.count == 5)
        }
    }

    @Test func whatIsPublishedIsNotedTogether() async throws {
        try await MessagingScene.open { scene in
            // Its notes are not due in a test's time, but at its end.
            var options = Self.blind
            options.claim = .seconds(360_000)
            let messaging = Messaging(
                topology: MessagingScene.service, database: scene.database, broker: scene.broker,
                relayOptions: options, logger: testLogger)
            let group = ServiceGroup(services: [messaging.services(handlers: [])[1]], logger: testLogger)
            let running = Task { try await group.run() }
            // Its first look, which may note the first of these, is over when the second is sent.
            for _ in 0..<2 { try await arrives(scene.commit(messaging.transactor), in: scene) }
            try await scene.database.batch([
                "CREATE TABLE notes (noted_at timestamptz NOT NULL)",
                """
                CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO notes VALUES (now());
                RETURN NULL; END $$
                """,
                """
                CREATE TRIGGER note AFTER UPDATE OF published_at ON outbox
                FOR EACH STATEMENT EXECUTE FUNCTION note()
                """,
            ])
            for _ in 0..<3 { try await arrives(scene.commit(messaging.transactor), in: scene) }
            #expect(try await scene.database.query("SELECT FROM notes").isEmpty)
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(try await scene.database.query("SELECT FROM notes").count == 1)
            #expect(
                try await scene.database.query(
                    "SELECT FROM outbox WHERE published_at BETWEEN created_at AND clock_timestamp()"
                ).count == 5)
        }
    }

    @Test func whatAProcessLeavesIsSentByAnother() async throws {
        try await MessagingScene.open { scene in
            // Committed by a process that ended before it could send.
            let handover = OutboxHandover(claim: .seconds(1))
            let id = try await scene.commit(
                Transactor(database: scene.database, outboxWake: Wake(), handover: handover))
            try await scene.withReplica(options: Self.hasty) { _ in try await arrives(id, in: scene) }
        }
    }

    @Test func aReplicaWhoseBrokerConnectionIsFrozenHoldsNothing() async throws {
        try await MessagingScene.open { scene in
            let proxy = TCPProxy(to: scene.fixture.stack.state.rabbitmq.port)
            scene.fixture.atEnd { proxy.close() }
            let url = scene.fixture.stack.state.amqpURL(vhost: scene.vhost)
                .replacing(":\(scene.fixture.stack.state.rabbitmq.port)/", with: ":\(proxy.port)/")
            // It gives nothing back by itself: only the claim's end lets another have the row.
            var broker = try MessagingScene.broker(url)
            broker.publishTimeout = .seconds(3600)
            broker.heartbeat = .zero
            var options = Self.hasty
            options.pollInterval = .milliseconds(10)
            try await scene.withReplica(broker: broker, options: options) { frozen in
                try await isPublished(scene.commit(frozen), in: scene)
                proxy.pause()
                let id = try await scene.commit(frozen)
                try await eventually("it has taken the row") {
                    try await scene.database.query(
                        "SELECT 1 FROM outbox WHERE message_id = \(id) AND claimed_until IS NOT NULL"
                    ).count == 1
                }
                try await scene.withReplica(options: Self.hasty) { _ in try await isPublished(id, in: scene) }
            }
        }
    }

    @Test func aReplicaWhoseDatabaseConnectionIsFrozenHoldsNothing() async throws {
        try await MessagingScene.open { scene in
            let proxy = TCPProxy(to: scene.fixture.stack.state.postgres.port)
            scene.fixture.atEnd { proxy.close() }
            let database = try scene.client(through: proxy)
            try await scene.withReplica(database, options: Self.hasty) { frozen in
                try await isPublished(scene.commit(frozen), in: scene)
                proxy.pause()
                try await scene.withReplica(options: Self.hasty) { _ in
                    let id = try await scene.commit(Transactor(database: scene.database, outboxWake: Wake()))
                    try await isPublished(id, in: scene)
                }
            }
            proxy.cut()
            proxy.close()
            await database.close()
        }
    }

    @Test func aClaimIsOneReplicasOwn() async throws {
        try await MessagingScene.open { scene in
            let transactor = Transactor(database: scene.database, outboxWake: Wake())
            for _ in 0..<3 { try await scene.commit(transactor) }
            let taken = try await Outbox.claim(limit: 2, for: .seconds(60), in: scene.database)
            let rest = try await Outbox.claim(limit: 10, for: .seconds(60), in: scene.database)
            #expect(taken.count == 2 && rest.count == 1)
            #expect(try await Outbox.claim(limit: 10, for: .seconds(60), in: scene.database).isEmpty)
            try await Outbox.release(rest.map(\.id), in: scene.database)
            #expect(try await Outbox.claim(limit: 10, for: .zero, in: scene.database).map(\.id) == rest.map(\.id))
            // The claim was over at once.
            #expect(try await Outbox.claim(limit: 10, for: .seconds(60), in: scene.database).count == 1)
        }
    }

    @Test func aHandoverThatIsFullLeavesTheRest() async throws {
        try await MessagingScene.open { scene in
            let handover = OutboxHandover(claim: .seconds(60), capacity: 1)
            let transactor = Transactor(database: scene.database, outboxWake: Wake(), handover: handover)
            try await scene.commit(transactor)
            try await scene.commit(transactor)
            // What there was no space for is left to the end of its claim.
            #expect(handover.take(limit: 10).count == 1)
            #expect(handover.isEmpty)
        }
    }
}
