import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Events

/// Which transactions wait for the disk: all but those that say that they would be done again.
@Suite struct CommitWaitTests {
    /// Notes at the COMMIT of whatever writes to `handled` or `outbox` whether it waits.
    private static let watch: [PostgresQuery] = [
        "CREATE TABLE commits (source text NOT NULL)",
        """
        CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO commits SELECT source || ' ' || setting FROM pg_settings WHERE name = 'synchronous_commit';
        RETURN NULL; END $$
        """,
        """
        CREATE CONSTRAINT TRIGGER note_commit AFTER INSERT ON handled DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION note_commit()
        """,
        """
        CREATE CONSTRAINT TRIGGER note_commit AFTER UPDATE OR DELETE ON outbox DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION note_commit()
        """,
    ]

    private func withWatch(_ body: (MessagingScene) async throws -> Void) async throws {
        try await MessagingScene.open { (scene) async throws in
            try await scene.database.batch(Self.watch)
            try await body(scene)
        }
    }

    /// Whether each commit since the last look has waited. The private servers wait for nothing by themselves: what
    /// counts is who said so.
    private func waited(_ scene: MessagingScene) async throws -> [Bool] {
        let sources = try await scene.database.query("DELETE FROM commits RETURNING source").decode(String.self)
        return sources.map { $0 != "session off" }
    }

    @Test func workWaitsUnlessAllOfItIsDoneAgain() async throws {
        try await withWatch { scene in
            let transactor = Transactor(database: scene.database, outboxWake: Wake())
            func isWaiting(_ body: @escaping @Sendable (UnitOfWork) throws -> Void) async throws -> Bool {
                try await transactor.run { work in
                    let id = UUID()
                    try await work.transaction.query("INSERT INTO handled VALUES (\(id), 1)")
                    try body(work)
                }
                let commits = try await waited(scene)
                #expect(commits.count == 1)
                return commits.first ?? false
            }
            #expect(try await isWaiting { _ in })
            #expect(try await !isWaiting { $0.isRepeatedIfLost() })
            // It holds for the one transaction.
            #expect(try await isWaiting { _ in })
            let event = try OutboxMessage(type: "test.happened", body: ["n": 1])
            #expect(
                try await isWaiting { work in
                    work.isRepeatedIfLost()
                    work.send(event)
                }, "the row in the outbox is the message's only copy")
            #expect(
                try await isWaiting { work in
                    work.isRepeatedIfLost()
                    work.publish(event)
                }, "others are told")
        }
    }

    private struct Writing: MessageHandler {
        let types: Set<String>
        let isRepeated: Bool

        func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
            for message in messages {
                try await work.transaction.query("INSERT INTO handled VALUES (\(message.messageID), 1)")
            }
            if isRepeated { work.isRepeatedIfLost() }
        }
    }

    @Test func aHandlerDoesNotSpeakForTheOthersOfABatch() async throws {
        try await withWatch { scene in
            let router = MessageRouter(handlers: [
                Writing(types: ["test.first"], isRepeated: true), Writing(types: ["test.second"], isRepeated: true),
                Writing(types: ["test.third"], isRepeated: false),
            ])
            let handling = MessageHandling(
                transactor: Transactor(database: scene.database, outboxWake: Wake()), router: router)
            let expected: [([String], Bool)] = [
                (["test.first"], false), (["test.first", "test.second", "test.first"], false), (["test.third"], true),
                (["test.first", "test.third"], true), (["test.second", "test.first", "test.third"], true),
            ]
            for (types, waits) in expected {
                try await handling.commit(types.map { MessagingScene.envelope($0) }, statements: .seconds(60))
                #expect(Set(try await waited(scene)) == [waits], "\(types)")
            }
        }
    }

    /// What the relay notes of a row is as good as not noted: it is published again.
    @Test func whatIsNotedOfMessagesDoesNotWait() async throws {
        try await withWatch { scene in
            let transactor = Transactor(database: scene.database, outboxWake: Wake())
            try await transactor.run { work in
                for number in 1...3 { work.send(try OutboxMessage(type: "test.happened", body: ["n": number])) }
            }
            let ids = try await Outbox.claim(limit: 10, for: .seconds(60), in: scene.database).map(\.id)
            #expect(try await waited(scene) == [false, false, false])
            try await Outbox.markPublished([(ids[0], .seconds(1))], in: scene.database)
            try await Outbox.release([ids[1]], in: scene.database)
            try await Outbox.postpone([(ids[2], "the broker refused it")], in: scene.database)
            #expect(try await waited(scene) == [false, false, false])
            try await scene.database.query("UPDATE outbox SET published_at = now() - interval '2 days'")
            #expect(try await waited(scene) == [true, true, true])
            _ = try await Outbox.prune(keeping: 24, in: scene.database)
            #expect(try await waited(scene) == [false, false, false])
        }
    }
}
