import Migrator
import Postgres
import TestSupport
import Testing

/// Products whose stock moves into a table of its own, and back.
@Suite struct StockMigrationTests {
    /// One with units reserved and a price that has changed, one that is being deleted.
    private static let rows = """
        INSERT INTO products
            (seller_id, name, description, category, price, currency, amount, reserved, state, deletion_saga_id)
        VALUES (900, 'Teapot', 'Holds water.', 'toys', 100, 'RUB', 17, 3, 'on_sale', NULL),
            (901, 'Cup', 'Holds tea.', 'shoes', 10, 'RUB', 5, 0, 'deleting', gen_random_uuid());
        UPDATE products SET price = 120, updated_at = now() + interval '1 second' WHERE id = 1;
        INSERT INTO reservations (saga_id, product_id, order_id, quantity, state)
        VALUES (gen_random_uuid(), 1, 1, 3, 'reserved'), (gen_random_uuid(), 1, 2, 2, 'committed');
        """

    @Test("Products are carried over and back with what is reserved, and keep their versions")
    func openReservations() async throws {
        try await withMigrations(try MigrationSet.for("products")) { scene in
            func products() async throws -> [String] {
                try await scene.strings(
                    """
                    SELECT concat_ws('|', id, seller_id, name, description, category, price, currency, amount, reserved,
                        photo_url, state, deletion_saga_id, created_at, updated_at, search, 'version ' || version)
                    FROM products ORDER BY id
                    """)
            }
            func reserve(_ product: Int) async throws {
                try await scene.execute(
                    """
                    INSERT INTO reservations (saga_id, product_id, order_id, quantity)
                    VALUES (gen_random_uuid(), \(product), 3, 1)
                    """)
            }
            _ = try await scene.runner.up(to: 14)
            try await scene.execute(Self.rows)
            let before = try await products()
            #expect(before.count == 2 && before.first?.hasSuffix("|version 2") == true)
            _ = try await scene.runner.up(to: 15)
            #expect(try await products() == before)
            // The order is settled meanwhile: the sum of both versions grows, and is kept.
            try await scene.execute(
                """
                UPDATE stock SET amount = amount - 3, reserved = 0, version = version + 1,
                    updated_at = now() + interval '2 seconds'
                WHERE product_id = 1;
                UPDATE reservations SET state = 'committed';
                """)
            let sold = try await products()
            #expect(sold.first?.hasSuffix("|version 3") == true && sold.first?.contains("|RUB|14|0|") == true)
            #expect(sold.last == before.last)
            await #expect(throws: PostgresError.self) { try await reserve(3) }
            _ = try await scene.runner.down(steps: 1)
            #expect(try await products() == sold)
            await #expect(throws: PostgresError.self) { try await reserve(3) }
            try await reserve(2)
            _ = try await scene.runner.up(to: 15)
            #expect(try await products() == sold)
        }
    }

    @Test("A process of the version before reads, locks and writes as it did")
    func versionBefore() async throws {
        try await withMigrations(try MigrationSet.for("products")) { scene in
            _ = try await scene.runner.up(to: 15)
            let client = scene.client
            let posted = try await client.query(
                """
                INSERT INTO products (seller_id, name, description, category, price, currency, amount, photo_url)
                SELECT 900, name, 'Of tin.', 'toys', 100, 'RUB', amount, ''
                FROM unnest('{Teapot,Cup,Spoon}'::text[], '{5,6,7}'::bigint[]) WITH ORDINALITY AS p (name, amount, position)
                ORDER BY position
                RETURNING id, version
                """)
            let ids = try posted.decode((Int64, Int64).self)
            #expect(ids.map(\.0) == [1, 2, 3] && ids.map(\.1) == [1, 1, 1])
            func standing(_ id: Int64) async throws -> String {
                try await scene.strings(
                    "SELECT concat_ws(' ', amount, reserved, version) FROM products WHERE id = \(id)"
                ).joined()
            }

            // An order: reserved, then settled.
            try await client.transaction { transaction in
                let rows = try await transaction.query(
                    """
                    SELECT id, amount - reserved, state = 'on_sale' FROM products
                    WHERE id = ANY('{1,2}'::bigint[]) ORDER BY id FOR UPDATE
                    """)
                let available = try rows.decode((Int64, Int64, Bool).self).map { $0.1 }
                #expect(available == [5, 6])
                try await transaction.query(
                    """
                    INSERT INTO reservations (saga_id, order_id, product_id, quantity)
                    SELECT '\(unescaped: Self.saga)', 1, * FROM unnest('{1,2}'::bigint[], '{2,1}'::bigint[])
                    """)
                let reserved = try await transaction.query(
                    """
                    UPDATE products SET reserved = reserved + r.quantity, updated_at = now()
                    FROM (VALUES (1, 2), (2, 1)) r (product_id, quantity) WHERE id = r.product_id
                    """)
                #expect(reserved.affectedRows == 2)
            }
            #expect(try await standing(1) == "5 2 2")
            try await client.query(
                """
                WITH settled AS (
                    UPDATE reservations SET state = 'committed'
                    WHERE saga_id = '\(unescaped: Self.saga)' AND state = 'reserved' RETURNING product_id, quantity
                )
                UPDATE products SET amount = amount - s.quantity, reserved = reserved - s.quantity, updated_at = now()
                FROM (SELECT product_id, sum(quantity)::bigint AS quantity FROM settled GROUP BY product_id) s
                WHERE id = s.product_id
                """)
            #expect(try await standing(1) == "3 0 3")
            #expect(try await standing(2) == "5 0 3")

            // A change of price and amount: the version is told as it is afterwards.
            let changed = try await client.query(
                """
                UPDATE products SET price = coalesce(70, price), amount = coalesce(8 + reserved, amount),
                    updated_at = now()
                WHERE id = 1 RETURNING price, amount - reserved, version, search @@ 'teapot'
                """
            ).decode((Int64, Int64, Int64, Bool).self)
            let row = try #require(changed.first)
            #expect(row == (70, 8, 5, true))
            // What changes nothing is a change all the same.
            try await client.query("UPDATE products SET updated_at = now() WHERE id = 1")
            #expect(try await standing(1) == "8 0 6")

            // A deletion, and a category that gets another name.
            let deleted = try await client.query(
                """
                UPDATE products p SET state = 'deleted', deletion_saga_id = d.saga_id, updated_at = now()
                FROM (VALUES ('\(unescaped: Self.saga)'::uuid, 2)) d (saga_id, product_id)
                WHERE p.id = d.product_id AND p.state = 'on_sale' RETURNING p.id, p.name
                """
            ).decode((Int64, String).self)
            #expect(deleted.map(\.1) == ["Cup"])
            let moved = try await client.query(
                "UPDATE products SET category = 'shoes' WHERE category = 'toys' RETURNING id, state = 'on_sale'"
            ).decode((Int64, Bool).self)
            #expect(moved.filter(\.1).map(\.0).sorted() == [1, 3])
            try await client.query(
                "UPDATE products SET category = NULL WHERE category = 'shoes' AND state = 'deleted'")

            // What was refused is refused, and by the same states.
            await Self.refusal(.foreignKeyViolation) {
                try await client.query("UPDATE products SET category = 'tools' WHERE id = 1")
            }
            await Self.refusal(.checkViolation) {
                try await client.query("UPDATE products SET reserved = amount + 1 WHERE id = 1")
            }
            await Self.refusal(.foreignKeyViolation) { try await client.query("DELETE FROM products WHERE id = 1") }
            #expect(try await client.query("DELETE FROM products WHERE id = 3").affectedRows == 1)
            #expect(try await scene.strings("SELECT product_id::text FROM stock ORDER BY 1") == ["1", "2"])
        }
    }

    private static let saga = "c1b1ac0e-7b51-4a52-8a9e-93a7f2a3a001"

    private static func refusal(_ state: SQLState, _ body: () async throws -> Void) async {
        let error = await #expect(throws: PostgresError.self) { try await body() }
        #expect(error?.sqlState == state)
    }
}
