import Migrator
import Postgres
import TestSupport
import Testing

/// Tables by month, which an operator makes of those of the migrations (`examples/partitions`).
@Suite struct PartitionTests {
    private static let orders = """
        INSERT INTO orders (user_id, state, currency, total, saga_id, created_at)
        SELECT 7, 'pending', 'RUB', 100, gen_random_uuid(), now() - n * interval '40 days'
        FROM generate_series(0, 2) n;
        INSERT INTO order_lines (order_id, product_id, seller_id, name, quantity, unit_price)
        SELECT id, 1, 900, 'Teapot', 1, 100 FROM orders;
        """
    private static let customers = """
        INSERT INTO accounts (user_id, kind, currency, balance)
        VALUES (0, 'external', 'RUB', -300), (7, 'available', 'RUB', 300);
        INSERT INTO ledger_transactions (kind, saga_id, order_id, created_at)
        SELECT 'hold', gen_random_uuid(), 1 + n, now() - n * interval '40 days' FROM generate_series(0, 2) n;
        INSERT INTO ledger_entries (transaction_id, account_id, amount)
        SELECT t.id, a.id, CASE a.user_id WHEN 0 THEN -100 ELSE 100 END FROM ledger_transactions t, accounts a;
        INSERT INTO notifications (user_id, sequence, kind, text, created_at)
        SELECT 7, 3 - n, 'order_confirmed', 'x', now() - n * interval '40 days' FROM generate_series(0, 2) n;
        """
    /// By role: rows for its tables, and the tables.
    private static let roles = [
        "orders": (orders, ["orders", "order_lines"]),
        "customers": (customers, ["ledger_transactions", "ledger_entries", "notifications"]),
    ]

    @Test("Rows go to their months and come back to what the migrations have made", arguments: roles.keys.sorted())
    func thereAndBack(role: String) async throws {
        let (rows, tables) = try #require(Self.roles[role])
        try await withMigrations(try MigrationSet.for(role)) { scene in
            func contents(_ table: String) async throws -> [String] {
                // A partitioned table may have a column more, by which it is.
                try await scene.strings(
                    """
                    SELECT (to_jsonb(t) - 'order_created_at' - 'booked_at')::text FROM \(unescaped: table) t ORDER BY 1
                    """)
            }
            _ = try await scene.runner.up()
            let schema = try await scene.schema()
            let options = try await scene.options(tables)
            try await scene.execute(rows)
            var before: [String: [String]] = [:]
            for table in tables { before[table] = try await contents(table) }
            // Twice: nothing is in the way of the second time.
            for _ in 0..<2 {
                try await scene.script("\(role).up")
                for table in tables {
                    #expect(try await contents(table) == before[table])
                    let parts = try await scene.strings(
                        "SELECT DISTINCT tableoid::regclass::text FROM \(unescaped: table)")
                    #expect(parts.count == 3 && !parts.contains("\(table)_default"), "\(table)")
                }
                // Months ahead are there, and are added to when their time comes.
                let months = try await scene.partitions()
                try await scene.execute("SELECT add_partitions()")
                #expect(try await scene.partitions() == months)
                try await scene.execute("SELECT add_partitions(months_ahead => 5)")
                #expect(try await scene.partitions() == months + 2 * tables.count)
                #expect(try await scene.options(tables, ofPartitions: true) == options)
                try await scene.script("\(role).down")
                #expect(try await scene.schema() == schema)
                #expect(try await scene.options(tables) == options)
                for table in tables { #expect(try await contents(table) == before[table]) }
            }
            let next = try await scene.strings(
                "SELECT nextval(pg_get_serial_sequence('\(unescaped: tables[0])', 'id'))::text")
            #expect(next == ["4"], "the numbers go on where they were")
        }
    }

    @Test("What the ledger refuses it refuses by month")
    func ledger() async throws {
        try await withMigrations(try MigrationSet.for("customers")) { scene in
            _ = try await scene.runner.up()
            try await scene.execute(Self.customers)
            try await scene.script("customers.up")
            let parts = try await scene.strings("SELECT tableoid::regclass::text FROM ledger_entries LIMIT 1")
            let part = try #require(parts.first)
            for (statement, state) in [
                // A saga moves money once in each way.
                (
                    "INSERT INTO ledger_transactions (kind, saga_id) SELECT kind, saga_id FROM ledger_transactions",
                    "23505"
                ),
                // What is written stays.
                ("UPDATE ledger_entries SET amount = 1", "23001"),
                ("DELETE FROM ledger_transactions", "23001"),
                ("TRUNCATE ledger_entries", "23001"),
                ("DELETE FROM \(part)", "23001"),
                // An entry has its transaction, written with it, and its account.
                (Self.entries("(99, 1, 5), (99, 2, -5)"), "23503"),
                (Self.entries("(1, 1, 5), (1, 2, -5)"), "23503"),
                (Self.entries(ofNewTransaction: "(99, 5)"), "23503"),
                // What is written together sums to zero.
                (Self.entries(ofNewTransaction: "(1, 5), (2, -4)"), "23514"),
            ] {
                let refusal = await #expect(throws: PostgresError.self, "\(statement)") {
                    try await scene.execute(statement)
                }
                #expect(refusal?.sqlState == SQLState(rawValue: state), "\(statement)")
            }
            try await scene.execute(Self.entries(ofNewTransaction: "(1, 5), (2, -5)"))
            let sums = try await scene.strings("SELECT sum(amount) || ' of ' || count(*) FROM ledger_entries")
            #expect(sums == ["0 of 8"])
        }
    }

    private static func entries(_ rows: String) -> String {
        "INSERT INTO ledger_entries (transaction_id, account_id, amount) VALUES \(rows)"
    }

    private static func entries(ofNewTransaction rows: String) -> String {
        """
        WITH written AS (INSERT INTO ledger_transactions (kind) VALUES ('top_up') RETURNING id)
        INSERT INTO ledger_entries (transaction_id, account_id, amount)
        SELECT id, account_id, amount FROM written, (VALUES \(rows)) AS e (account_id, amount)
        """
    }
}

extension MigrationScene {
    /// Runs a script of `examples/partitions`, in one transaction as its reader does.
    fileprivate func script(_ name: String) async throws {
        let text = try partitionScript(name)
        try await client.transaction { try await $0.execute(script: text) }
    }

    /// What is set for tables, or for all of their partitions alike, as in `orders {fillfactor=70}`.
    fileprivate func options(_ tables: [String], ofPartitions: Bool = false) async throws -> [String] {
        try await strings(
            """
            SELECT DISTINCT t.relname || ' ' || coalesce(c.reloptions::text, '')
            FROM pg_class t LEFT JOIN pg_inherits i ON i.inhparent = t.oid AND \(ofPartitions)
            JOIN pg_class c ON c.oid = coalesce(i.inhrelid, t.oid)
            WHERE t.relname = ANY(\(tables)::text[]) AND t.relnamespace = 'public'::regnamespace ORDER BY 1
            """)
    }

    fileprivate func partitions() async throws -> Int {
        let count = try await strings("SELECT count(*)::text FROM pg_class WHERE relispartition AND relkind = 'r'")
        return try #require(Int(count.joined()))
    }
}
