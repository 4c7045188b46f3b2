import Postgres
import Testing

@testable import Migrator

/// Schemas that somebody has changed, beside what the migrations make.
@Suite struct SchemaDifferenceTests {
    @Test(
        "What the binary expects is what a server has once all migrations are applied, and they come from one of them",
        arguments: MigrationSet.roles)
    func expected(role: String) async throws {
        let set = try MigrationSet.for(role)
        try await withMigrations(set) { scene in
            _ = try await scene.runner.up()
            let found = try await scene.client.withConnection { try await SchemaFact.all(on: $0) }
            let expected = SchemaFact.expected(of: role)
            #expect(!expected.isEmpty)
            #expect(expected.filter { !found.contains($0) } == [], "run make generate")
            #expect(found.filter { !expected.contains($0) } == [], "run make generate")
            #expect(expected.filter { set.origin(of: $0.key) == nil } == [])
            let differences = try await scene.runner.compareSchema()?.differences
            #expect(differences == [])
        }
    }

    @Test("What is missing or otherwise is told with its migration, the grave first; what is added is nothing")
    func drift() async throws {
        try await withMigrations(try MigrationSet.for("customers")) { scene in
            _ = try await scene.runner.up()
            func told() async throws -> [String]? {
                try await scene.runner.compareSchema()?.differences.map { "\($0)" }
            }
            try await scene.execute(
                """
                CREATE TABLE notes (id bigint); CREATE INDEX carts_own ON carts (changed_at);
                ALTER TABLE carts ADD COLUMN note text;
                """)
            let added = try await told()
            #expect(added == [])
            try await scene.execute(
                """
                ALTER TABLE carts RENAME TO carts_x;
                ALTER TABLE favourites DROP COLUMN product_id;
                ALTER TABLE accounts DROP CONSTRAINT accounts_balance, ALTER COLUMN currency DROP NOT NULL;
                ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_append_only;
                DROP INDEX outbox_due;
                """)
            let changed = try #require(try await told())
            #expect(changed.contains("table carts is missing (migration 6_favourites)"), "\(changed)")
            #expect(!changed.contains { $0.contains("carts.user_id") || $0.contains("carts_pkey") }, "\(changed)")
            #expect(
                changed.contains(
                    "favourites.product_id: no such column, expected bigint not null (migration 6_favourites)"),
                "\(changed)")
            let nullable = "accounts.currency is text, expected text not null (migration 3_customers): "
            let mend = try #require(changed.first { $0.hasPrefix(nullable) }, "\(changed)").dropFirst(nullable.count)
            #expect(mend.contains("ALTER COLUMN currency SET NOT NULL"), "\(changed)")
            #expect(
                changed.contains {
                    $0.hasPrefix("constraint accounts_balance of accounts is missing")
                        && $0.hasSuffix(": CHECK (balance >= 0 OR kind = 'external'::text)")
                }, "\(changed)")
            #expect(
                changed.contains {
                    $0.hasPrefix("trigger ledger_entries_append_only of ledger_entries is disabled, expected CREATE")
                }, "\(changed)")
            #expect(
                changed.last
                    == "index outbox_due of outbox is missing (migration 1_messaging): "
                    + "CREATE INDEX CONCURRENTLY outbox_due ON outbox USING btree (id) WHERE published_at IS NULL",
                "\(changed)")
            try await scene.execute(String(mend))
            let mended = try #require(try await told())
            #expect(!mended.contains { $0.hasPrefix(nullable) }, "\(mended)")
            let graves = try #require(try await scene.runner.compareSchema()).differences.map(\.isGrave)
            #expect(graves.first == true && graves.last == false)
        }
    }

    @Test("A database of another version, and one that is being migrated, are compared with nothing")
    func otherVersion() async throws {
        let set = try MigrationSet.for("customers")
        try await withMigrations(set) { scene in
            _ = try await scene.runner.up(to: set.latest - 1)
            let before = try await scene.runner.compareSchema()?.differences
            #expect(before == nil)
            _ = try await scene.runner.up()
            try await scene.execute("UPDATE schema_migrations SET dirty = true")
            let dirty = try await scene.runner.compareSchema()?.differences
            #expect(dirty == nil)
            try await scene.execute("UPDATE schema_migrations SET dirty = false")
            let after = try await scene.runner.compareSchema()?.differences
            #expect(after == [])
        }
    }

    @Test("Servers that write parentheses and blanks otherwise mean the same; another condition is another")
    func spelling() {
        let fact = SchemaFact(kind: .constraint, relation: "a", name: "b", definition: "CHECK (x >= 0 OR y)")
        #expect(fact.agrees(with: "CHECK (((x >= 0) OR y))"))
        #expect(!fact.agrees(with: "CHECK (x > 0 OR y)"))
    }

    @Test("Of a server of another major version names, types and kinds are compared, and not how it spells SQL")
    func otherServer() throws {
        let set = try MigrationSet.for("customers")
        func facts(_ text: String) -> [SchemaFact] { text.split(separator: "\n").compactMap { SchemaFact(line: $0) } }
        let expected = facts(
            """
            table|a||
            column|a|id|bigint not null
            index|a|a_x|CREATE UNIQUE INDEX a_x ON a USING btree (x)
            constraint|a|a_c|CHECK (x = ANY (ARRAY[1, 2]))
            trigger|a|a_t|CREATE TRIGGER a_t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()
            """)
        #expect(expected.count == 5)
        let respelled = facts(
            """
            table|a||
            column|a|id|bigint not null
            index|a|a_x|CREATE UNIQUE INDEX a_x ON public.a USING btree (x)
            constraint|a|a_c|CHECK (x IN (1, 2))
            trigger|a|a_t|CREATE TRIGGER a_t BEFORE UPDATE ON a FOR EACH ROW EXECUTE PROCEDURE f()
            """)
        #expect(SchemaDifference.all(expected, respelled, set).count == 3)
        #expect(SchemaDifference.all(expected, respelled, set, isOfOtherVersion: true) == [])
        let changed = facts(
            """
            table|a||
            column|a|id|bigint
            index|a|a_x|CREATE INDEX a_x ON a USING btree (x)
            constraint|a|a_c|UNIQUE (x)
            trigger|a|a_t|disabled
            """)
        #expect(SchemaDifference.all(expected, changed, set, isOfOtherVersion: true).count == 4)
        let bare = facts("table|a||")
        #expect(SchemaDifference.all(expected, bare, set, isOfOtherVersion: true).count == 4)
    }
}
