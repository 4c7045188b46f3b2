import FoundationEssentials
import Hosting
import Migrator
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import ShopctlCommands

/// `shopctl outbox replay`: what was published in a time is sent again, and nothing else.
@Suite struct OutboxReplayCommandTests {
    @Test func whatWasPublishedSinceIsDueAgain() async throws {
        try await withFixture { fixture in
            let url = try await fixture.database(template: "migrated-orders") { url in
                _ = try await MigrationRunner(
                    configuration: try PostgresConfiguration(url: url), migrations: try MigrationSet.for("orders"),
                    logger: testLogger
                ).up()
            }.url
            let client = PostgresClient(configuration: try PostgresConfiguration(url: url), logger: testLogger)
            fixture.atEnd { await client.close() }
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
                try await client.query("SELECT action || ' / ' || reason FROM audit_trail").decode((String).self)
            }
            #expect(try await trail() == [])
            let one = await run(arguments + ["--type", "order.confirmed", "--reason", "a test"], url)
            #expect(one.output.contains("1 message of orders will be sent again"), "\(one.output)")
            #expect(try await due() == 1)
            let deed = try #require(try await trail().first)
            #expect(deed.hasPrefix("outbox.replay since ") && deed.hasSuffix("Z order.confirmed / a test"), "\(deed)")
            let day = await run(["outbox", "replay", "--service", "orders", "--since", "1d", "--dry-run"], url)
            #expect(day.notes.contains("goes back to"), "\(day.notes)")
            // What could not be noted would not be done.
            try await client.query("ALTER TABLE audit_trail RENAME TO trail_elsewhere")
            #expect(await run(arguments + ["--dry-run"], url).status != .success)
        }
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
