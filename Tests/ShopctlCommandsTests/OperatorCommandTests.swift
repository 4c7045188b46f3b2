import FoundationEssentials
import Hosting
import Migrator
import Postgres
import TestSupport
import Testing

@testable import ShopctlCommands

@Suite("What operators do to accounts, and see of what was done")
struct OperatorCommandTests {
    private func shopctl(_ arguments: String..., environment: [String: String]) async -> CommandRun {
        await CommandRun(arguments, environment: environment)
    }

    private func database(_ role: Role, _ fixture: Fixture) async throws -> String {
        try await fixture.database(template: "migrated-\(role.rawValue)") { url in
            _ = try await MigrationRunner(
                configuration: try PostgresConfiguration(url: url), migrations: try MigrationSet.for(role.rawValue),
                logger: testLogger
            ).up()
        }.url
    }

    private func withClient(_ url: String, _ body: (PostgresClient) async throws -> Void) async throws {
        let client = PostgresClient(configuration: try PostgresConfiguration(url: url), logger: testLogger)
        do { try await body(client) } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    @Test("Accounts are listed and given roles, and the audit trail tells of it")
    func roles() async throws {
        try await withFixture { fixture in
            let gateway = try await database(.gateway, fixture)
            let customers = try await database(.customers, fixture)
            try await withClient(gateway) { client in
                try await client.query(
                    """
                    INSERT INTO users (name, email, password_hash)
                    VALUES ('Ann', 'ann@shop.example', 'hash'), ('Bob', 'bob@shop.example', 'hash')
                    """)
            }
            try await withClient(customers) { client in
                try await client.query(
                    """
                    INSERT INTO audit_trail (at, actor_id, actor_role, user_id, action, subject_id, request_id)
                    VALUES (now() - interval '1 hour', 7, 'admin', 2, 'balance.top_up', 9, 'mine'),
                        (now() + interval '1 hour', 7, 'admin', 1, 'balance.top_up', 10, NULL)
                    """)
            }
            let environment = [
                "SHOPCTL_GATEWAY_DATABASE_URL": gateway, "SHOPCTL_CUSTOMERS_DATABASE_URL": customers,
            ]
            let list = await shopctl("user", "list", "--email", "BOB", "-o", "jsonl", environment: environment)
            #expect(list.status == .success && list.notes.isEmpty)
            #expect(list.output.contains(#""id":2,"name":"Bob","email":"bob@shop.example","role":"customer""#))
            #expect(!list.output.contains("ann@") && !list.output.contains("hash"))

            let dry = await shopctl(
                "user", "set-role", "bob@shop.example", "admin", "--reason", "a test", "--dry-run",
                environment: environment)
            #expect(dry.status == .success, "\(dry)")
            #expect(dry.output == "bob@shop.example (user 2) would be admin, is customer; nothing was done\n")
            let nobody = await shopctl(
                "user", "set-role", "cid@shop.example", "admin", "--dry-run", environment: environment)
            #expect(nobody.status == .notFound)
            let set = await shopctl(
                "user", "set-role", "bob@shop.example", "admin", "--reason", "a test", environment: environment)
            #expect(set.status == .success)
            #expect(set.output == "bob@shop.example (user 2) is admin now, customer before; all sessions have ended\n")
            let again = await shopctl(
                "user", "set-role", "bob@shop.example", "admin", "-o", "json", environment: environment)
            #expect(again.status == .success && again.output.contains(#""changed": false"#))
            let byID = await shopctl("user", "set-role", "2", "customer", "--dry-run", environment: environment)
            #expect(
                byID.output == "bob@shop.example (user 2) would be customer, is admin; nothing was done\n", "\(byID)")
            let noID = await shopctl("user", "set-role", "99", "admin", environment: environment)
            #expect(noID.status == .notFound && noID.notes.contains("hint: shopctl user list"), "\(noID)")
            let missing = await shopctl("user", "set-role", "cid@shop.example", "admin", environment: environment)
            #expect(missing.status == .notFound && missing.output.isEmpty)
            let wrong = await shopctl("user", "set-role", "bob@shop.example", "seller", environment: environment)
            #expect(wrong.status == .usage && wrong.notes.contains("admin"))

            // The trails of both roles, the latest first.
            let audit = await shopctl("audit", "list", "-o", "jsonl", environment: environment)
            #expect(audit.status == .success)
            let lines = audit.output.split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines[0].contains(#""role":"customers","actor_id":7,"actor_role":"admin","user_id":1"#))
            #expect(lines[1].contains(#""role":"gateway","actor_id":0,"actor_role":"operator","user_id":2"#))
            #expect(
                lines[1].contains(#""action":"user.set_role.admin","reason":"a test","subject_id":2,"request_id":null"#)
            )
            #expect(lines[2].contains(#""request_id":"mine""#))
            let mine = await shopctl("audit", "list", "--user", "2", "--limit", "1", environment: environment)
            #expect(mine.output.split(separator: "\n").count == 2 && mine.output.contains("user.set_role.admin"))

            // What is nobody's has no number.
            try await withClient(customers) { client in
                try await client.query(
                    """
                    INSERT INTO audit_trail (actor_id, actor_role, user_id, action, subject_id)
                    VALUES (0, 'service', 0, 'queue.declare', 0)
                    """)
            }
            let all = await shopctl("audit", "list", "-o", "jsonl", environment: environment)
            let wanted = #""user_id":null,"action":"queue.declare","reason":null,"subject_id":null"#
            #expect(all.output.contains(wanted) && all.output.contains(#""schema_version":2"#), "\(all)")
            let table = await shopctl("audit", "list", environment: environment)
            let row = try #require(table.output.split(separator: "\n").first { $0.contains("queue.declare") })
            // Behind the time.
            #expect(!row.drop { $0 != "c" }.contains(" 0 "), "\(row)")
        }
    }

    @Test("A wrong password is not allowed, as with the broker, and the database is named")
    func login() async throws {
        try await withFixture { fixture in
            let url = try await fixture.database().url
            let parts = url.split(separator: "@")
            let user = try #require(parts[0].split(separator: "/").last?.split(separator: ":").first)
            let wrong = "postgres://\(user):wr0ng-passw0rd@\(parts[1])"
            let run = await shopctl("user", "list", environment: ["SHOPCTL_GATEWAY_DATABASE_URL": wrong])
            #expect(run.status == .notAllowed && run.notes.contains("error[SHOP-102]"), "\(run)")
            #expect(run.notes.contains("(database of gateway)") && !run.notes.contains("wr0ng"), "\(run)")
        }
    }

    @Test("Lists go on page by page, in either order, until all has been told once")
    func pages() async throws {
        try await withFixture { fixture in
            let gateway = try await database(.gateway, fixture)
            let customers = try await database(.customers, fixture)
            let environment = ["SHOPCTL_GATEWAY_DATABASE_URL": gateway, "SHOPCTL_CUSTOMERS_DATABASE_URL": customers]
            try await withClient(gateway) { client in
                try await client.query(
                    """
                    INSERT INTO users (name, email, password_hash)
                    SELECT 'Ann', 'ann' || i || '@shop.example', 'hash' FROM generate_series(1, 7) i
                    """)
            }
            // Several at the same moment, in both trails.
            for url in [gateway, customers] {
                try await withClient(url) { client in
                    try await client.query(
                        """
                        INSERT INTO audit_trail (at, actor_id, actor_role, user_id, action, subject_id)
                        SELECT '2026-01-03T00:00:00Z'::timestamptz - make_interval(days => i / 3), 7, 'admin', 2, 'x', i + 1 FROM generate_series(0, 5) i
                        """)
                }
            }
            for sort in ["-at", "at"] {
                let all = try await audited(sort, environment)
                #expect(all.count == 12)
                let times = all.map(\.at)
                #expect(times == (sort == "at" ? times.sorted() : times.sorted(by: >)))
                #expect(try await audited(sort, environment, limit: 5) == all)
            }
            let first = await shopctl("user", "list", "--limit", "3", "-o", "json", environment: environment)
            let page = try JSONDecoder().decode(UserPage.self, from: Data(first.output.utf8))
            #expect(page.total == 7 && page.users.map(\.id) == [7, 6, 5])
            let cursor = try #require(page.next_cursor)
            let second = await shopctl(
                "user", "list", "--limit", "9", "-o", "json", "--cursor", cursor, environment: environment)
            let rest = try JSONDecoder().decode(UserPage.self, from: Data(second.output.utf8))
            #expect(rest.users.map(\.id) == [4, 3, 2, 1] && rest.next_cursor == nil && second.notes.isEmpty == false)
            let other = await shopctl("user", "list", "--sort", "id", "--cursor", cursor, environment: environment)
            #expect(other.status == .usage && other.notes.contains("leave it out for the first page"), "\(other)")
            let fewer = await shopctl("user", "list", "--email", "ann", "--cursor", cursor, environment: environment)
            #expect(fewer.status == .usage && fewer.notes.contains("leave it out for the first page"), "\(fewer)")
            let late = await shopctl("user", "list", "--until", "1h", "-o", "json", environment: environment)
            #expect(late.output.contains(#""users": []"#) && late.output.contains(#""total": 0"#))
            let text = await shopctl("user", "list", "--limit", "3", environment: environment)
            #expect(text.notes.hasPrefix("3 of 7; the next page: --cursor "))
        }
    }

    private struct UserPage: Decodable {
        struct User: Decodable { let id: Int }
        let users: [User]
        let total: Int
        let next_cursor: String?
    }

    private struct Audited: Decodable, Equatable {
        let at: String
        let role: String
        let subject_id: Int
    }

    private struct AuditPage: Decodable {
        let entries: [Audited]
        let total: Int
        let next_cursor: String?
    }

    /// All of the audit trail, read by pages.
    private func audited(
        _ sort: String, _ environment: [String: String], limit: Int = 100
    ) async throws -> [Audited] {
        var all: [Audited] = []
        var cursor: [String] = []
        repeat {
            let run = await CommandRun(
                ["audit", "list", "--sort=\(sort)", "--limit", "\(limit)", "-o", "json"] + cursor,
                environment: environment)
            #expect(run.status == .success, "\(run)")
            let page = try JSONDecoder().decode(AuditPage.self, from: Data(run.output.utf8))
            #expect(page.total == 12)
            all += page.entries
            cursor = page.next_cursor.map { ["--cursor", $0] } ?? []
        } while !cursor.isEmpty && all.count < 100
        return all
    }

    @Test("A database that cannot be asked is named, and the rest is listed")
    func partial() async throws {
        try await withFixture { fixture in
            let environment = [
                "SHOPCTL_GATEWAY_DATABASE_URL": try await database(.gateway, fixture),
                // Nothing was migrated there.
                "SHOPCTL_ORDERS_DATABASE_URL": try await fixture.database().url,
            ]
            let audit = await shopctl("audit", "list", environment: environment)
            #expect(audit.status == .partial)
            #expect(audit.output.contains("ACTING AS") && audit.notes.contains("not asked: orders"))
            let none = await shopctl("audit", "list", environment: [:])
            #expect(none.status == .badConfiguration && none.output.isEmpty)
        }
    }
}
