import Events
import FoundationEssentials
import Hosting
import Migrator
import Postgres
import Sagas
import Synchronization
import TestSupport
import Testing

@testable import ShopctlCommands

/// `shopctl outbox replay`: what was published in a time is sent again, and nothing else.
@Suite struct OutboxReplayCommandTests {
    @Test func whatWasPublishedSinceIsDueAgain() async throws {
        try await withFixture { fixture in
            let (url, client) = try await orders(fixture)
            try await client.query(
                """
                INSERT INTO outbox (message_id, type, mandatory, body, published_at)
                SELECT gen_random_uuid(), type, true, '{}', now() - make_interval(mins => m)
                FROM unnest(ARRAY['order.confirmed', 'order.rejected']) type, unnest(ARRAY[5, 50]) m
                """)
            func due() async throws -> Int {
                try await client.query("SELECT 1 FROM outbox WHERE published_at IS NULL").count
            }
            let arguments = ["outbox", "replay", "--service", "orders", "--since", "20m"]
            let dry = await run(arguments + ["--dry-run"], url)
            #expect(dry.status == .success)
            #expect(dry.output.contains("2 messages of orders would be sent again"), "\(dry.output)")
            #expect(try await due() == 0)
            func trail() async throws -> [String] {
                try await client.query("SELECT action || ' / ' || reason FROM audit_trail ORDER BY id")
                    .decode((String).self)
            }
            #expect(try await trail() == [])
            let one = await run(arguments + ["--type", "order.confirmed", "--reason", "a test"], url)
            #expect(one.output.contains("1 message of orders will be sent again"), "\(one.output)")
            #expect(try await due() == 1)
            let deed = try await trail()
            #expect(deed.count == 2 && deed.allSatisfy { $0.hasSuffix("Z order.confirmed / a test") }, "\(deed)")
            #expect(deed.first?.hasPrefix("outbox.replay since ") == true, "\(deed)")
            #expect(deed.last?.hasPrefix("outbox.replayed since ") == true, "\(deed)")
            let day = await run(["outbox", "replay", "--service", "orders", "--since", "25h", "--dry-run"], url)
            #expect(day.notes.contains("keeps what was published for 24 hours"), "\(day.notes)")
            let hours = await run(["outbox", "replay", "--service", "orders", "--since", "23h", "--dry-run"], url)
            #expect(hours.status == .success && !hours.notes.contains("24 hours"), "\(hours.notes)")
            // What could not be noted would not be done.
            try await client.query("ALTER TABLE audit_trail RENAME TO trail_elsewhere")
            #expect(await run(arguments + ["--dry-run"], url).status != .success)
        }
    }

    @Test func theTimeOfTheFirstSendingStaysAndEachReplayHasItsOwn() async throws {
        try await withFixture { fixture in
            let (url, client) = try await orders(fixture)
            let saga = UUID()
            let first = try await client.query(
                """
                INSERT INTO outbox
                    (message_id, type, correlation_id, mandatory, body, created_at, published_at, attempts, last_error)
                VALUES (gen_random_uuid(), 'order.confirmed', \(saga), true, '{}', now() - interval '6 minutes',
                    now() - interval '5 minutes', 1, 'refused')
                RETURNING published_at
                """
            ).decode((Date).self)[0]
            func entry() async throws -> OutboxEntry {
                try #require(try await OutboxEntry.entries(OutboxEntry.Selection(), limit: 10, in: client).first)
            }
            func told() async throws -> SagaFacts.Message {
                try #require(try await SagaReader.outbox(of: saga, service: "orders", in: client).first)
            }
            #expect(try await told().publishedAt == first)
            for round in 1...2 {
                let replay = ["outbox", "replay", "--service", "orders", "--since", "20m"]
                #expect(await run(replay, url).status == .success)
                let waiting = try await entry()
                #expect(waiting.publishedAt == first && waiting.state == .unsent && waiting.attempts == 0)
                let asked = try #require(waiting.replayedAt)
                #expect(asked > first)
                let lag = try await OutboxLag.look(at: client)
                #expect(lag.unsent == 1 && lag.oldestAt == asked && lag.lastError == nil, "\(lag)")
                let before = try await told()
                #expect(before.publishedAt == first && before.replayedAt == asked && !before.isBeingSent)
                #expect(before.resentAt.count == round - 1)
                // As a relay does it.
                let again = try await client.query("UPDATE outbox SET published_at = now() RETURNING published_at")
                    .decode((Date).self)[0]
                let sent = try await entry()
                #expect(sent.publishedAt == first && sent.state == .published)
                let after = try await told()
                #expect(after.publishedAt == first && after.resentAt.last == again && after.resentAt.count == round)
                #expect(after.replayedAt == nil)
            }
        }
    }

    @Test func whatItsWriterIsSendingIsNotCalledUnsent() async throws {
        try await withFixture { fixture in
            let (_, client) = try await orders(fixture)
            let saga = UUID()
            try await client.query(
                """
                INSERT INTO outbox (message_id, type, correlation_id, mandatory, body, claimed_until)
                VALUES (gen_random_uuid(), 'order.confirmed', \(saga), true, '{}', now() + interval '1 hour')
                """)
            func told() async throws -> SagaFacts.Message {
                try #require(try await SagaReader.outbox(of: saga, service: "orders", in: client).first)
            }
            #expect(try await told().isBeingSent)
            try await client.query("UPDATE outbox SET attempts = 1")
            #expect(try await !told().isBeingSent, "it was sent in vain")
            try await client.query("UPDATE outbox SET attempts = 0, claimed_until = NULL")
            #expect(try await !told().isBeingSent, "nobody sends it")
        }
        #expect(SagaAdvice(.retry(UUID(), isStuck: false)).command == nil, "a saga that goes on needs nothing")
        #expect(SagaAdvice(.retry(UUID(), isStuck: true)).command != nil)
    }

    @Test func aLossIsToldFromWhenItIsFoundUntilAReplayHasEnded() async throws {
        try await withFixture { fixture in
            let (url, client) = try await orders(fixture)
            func lost() async throws -> [LostEvents] {
                let trail = try await LostEvents.Trail.read("orders", client)
                return LostEvents.unsettled([trail])
            }
            func note(_ loss: BindingLoss) async throws {
                try await AuditTrail.noteService(LostEvents.action(loss, now: Date()), because: "a test", in: client)
            }
            let loss = BindingLoss(queue: "customers.inbox.v2", type: "order.confirmed", lastSeen: Date() - 600)
            try await note(loss)
            let found = try #require(try await lost().first, "a process may end before it has bound the queue")
            let command = try #require(found.next.first).split(separator: " ").dropFirst().map(String.init)
            #expect(await run(command, url).status == .success)
            #expect(try await lost() == [])
            try await note(loss.bound)
            #expect(try await lost().count == 1, "what was sent again before it was bound is lost, too")

            try await client.query(
                "CREATE FUNCTION jam() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'jammed'; END $$")
            try await client.query(
                "CREATE TRIGGER jam BEFORE UPDATE ON outbox FOR EACH STATEMENT EXECUTE FUNCTION jam()")
            #expect(await run(command, url).status != .success)
            let actions = try await client.query("SELECT action FROM audit_trail ORDER BY id").decode((String).self)
            #expect(actions.last?.hasPrefix("outbox.replay since ") == true, "\(actions)")
            #expect(try await lost().count == 1, "it has broken off")
            try await client.query("DROP TRIGGER jam ON outbox")
            #expect(await run(command, url).status == .success)
            #expect(try await lost() == [])
        }
    }

    /// The migrated database of orders.
    private func orders(_ fixture: Fixture) async throws -> (url: String, client: PostgresClient) {
        let url = try await fixture.database(template: "migrated-orders") { url in
            _ = try await MigrationRunner(
                configuration: try PostgresConfiguration(url: url), migrations: try MigrationSet.for("orders"),
                logger: testLogger
            ).up()
        }.url
        let client = PostgresClient(configuration: try PostgresConfiguration(url: url), logger: testLogger)
        fixture.atEnd { await client.close() }
        return (url, client)
    }

    private func run(
        _ arguments: [String], _ url: String
    ) async -> (status: ShopctlCommands.ExitStatus, output: String, notes: String) {
        let (output, notes) = (Texts(), Texts())
        let context = CommandContext(
            environment: ["SHOPCTL_ORDERS_DATABASE_URL": url], standardInput: { [] }, standardOutput: output.add,
            standardError: notes.add, isOutputTerminal: false, now: { Date() }, startLogging: { _, _, _ in },
            obeysSignals: false)
        let status = await Invocation.run(arguments, context)
        return (status, output.text, notes.text)
    }

    private final class Texts: Sendable {
        private let texts = Mutex("")
        var text: String { texts.withLock { $0 } }
        var add: @Sendable (String) -> Void { { [self] text in texts.withLock { $0 += text } } }
    }
}
