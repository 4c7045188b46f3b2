import DevStack
import TestSupport
import Testing

extension SystemTests {
    /// What commands and servers do when a pooler stands before the database. No shop runs.
    @Suite(.inTurn, .serialized) struct PoolerTests {
        private func expectRefusal(_ environment: [String: String], _ parts: String...) async throws {
            for arguments in [
                ["migrate", "up", "--role", "orders", "--databases-only"],
                ["migrate", "status", "--role", "orders", "--databases-only"],
                ["migrate", "down", "--role", "orders"], ["serve", "orders"],
            ] {
                let result = try await Shopctl.run(arguments, environment: environment).expect(78)
                #expect(result.output == "", "\(arguments)")
                for part in parts { #expect(result.error.contains(part), "\(arguments): \(result)") }
                #expect(!result.error.contains("s3cr3t"))
            }
        }

        private func environment(_ pooler: Pooler, _ database: TestDatabase, _ fixture: Fixture) async throws
            -> [String: String]
        {
            let keys = "/tmp/\(fixture.stack.uniqueName("keys")).json"
            fixture.atEnd { _ = try await Shell.run("rm -f \(keys)") }
            try await Shopctl.run(["token", "keys", "generate", "--file", keys]).expect(0)
            return [
                "SHOPCTL_ORDERS_DATABASE_URL": pooler.url(database.name), "AMQP_URL": try await fixture.vhost().url,
                "SHOPCTL_AUTH_KEYS_FILE": keys, "SHOPCTL_ADMIN_LISTEN": "127.0.0.1:0",
                "SHOPCTL_ORDERS_LISTEN": "127.0.0.1:0",
            ]
        }

        @Test("Where every transaction meets another session, nothing is run", arguments: ["transaction", "statement"])
        func sharedSessions(mode: String) async throws {
            try await withFixture { fixture in
                let database = try await fixture.database()
                try await Pooler.run(mode: mode, before: fixture.stack.state) { pooler in
                    try await expectRefusal(
                        try await environment(pooler, database, fixture), "PgBouncer", "pool_mode = session")
                }
                let tables = try await fixture.stack.postgres.execute(
                    "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database: database.name)
                #expect(tables == ["0"])
            }
        }

        @Test("Where sessions are kept, migrations run")
        func ownSessions() async throws {
            try await withFixture { fixture in
                let database = try await fixture.database()
                try await Pooler.run(mode: "session", before: fixture.stack.state) { pooler in
                    let environment = try await environment(pooler, database, fixture)
                    try await Shopctl.run(
                        ["migrate", "up", "--role", "orders", "--databases-only"], environment: environment
                    ).expect(0)
                    try await Shopctl.run(
                        ["migrate", "status", "--check", "--role", "orders", "--databases-only"],
                        environment: environment
                    ).expect(0)
                }
            }
        }

        @Test("A pooler that refuses what connections start with is named with the way out")
        func refusedOptions() async throws {
            try await withFixture { fixture in
                let database = try await fixture.database()
                try await Pooler.run(mode: "session", passesOptions: false, before: fixture.stack.state) { pooler in
                    try await expectRefusal(
                        try await environment(pooler, database, fixture), "ignore_startup_parameters = options",
                        "pool_mode = session")
                }
            }
        }
    }
}
