import Events
import FoundationEssentials
import Hosting
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@testable import Sagas

/// An upgrade in mid-saga: what the version before has left open is carried over by the migrations, and this program
/// brings it to its end, hearing messages of the form before.
@Suite(.serialized) struct UpgradeTests {
    /// The last migrations that the version before knew: votes had a table of their own, a branch no time of its deed.
    private static let schemas: [Role: Int64] = [.orders: 9, .products: 11, .customers: 13, .reviews: 11]

    @Test("Sagas that are open while the shop is upgraded end as they would have ended")
    func openSagas() async throws {
        let options = Shop.Options {
            $0.database = { role, fixture in
                guard let version = Self.schemas[role] else { return try await Shop.database(role, fixture) }
                return try await Shop.database(
                    role, leftAt: version, with: Self.helpers + Self.remains[role, default: ""], fixture)
            }
        }
        try await Shop.open(options) { shop in
            // A vote that was on its way in the form before: one message, for everybody.
            let vote = Envelope(
                messageID: UUID(), type: "saga.order-placement.vote", correlationID: Self.saga(4), appID: "products",
                timestamp: Date(),
                body: Array(#"{"schema_version":1,"participant":"products","verdict":"accepted"}"#.utf8))
            try await shop.announce([vote])
            let ends = [
                1: "confirmed", 2: "confirmed", 3: "rejected", 4: "confirmed", 5: "confirmed", 6: "cancelled",
                7: "confirmed",
            ]
            for (order, state) in ends.sorted(by: { $0.key < $1.key }) {
                let buyer: Int64 = order == 3 ? 8 : 7
                #expect(try await shop.outcome(buyer, Int64(order)).state == state, "order \(order)")
            }
            try await shop.checkInvariants()
            // Money and stock, to the unit: six orders of 100 were paid, and one was paid back.
            #expect(try await shop.balance(7) == (500, 0))
            #expect(try await shop.balance(8) == (0, 0))
            #expect(try await shop.balance(900) == (500, 0))
            #expect(try await shop.stock(1) == 15)
            let deleted = try await shop.productsDB.query("SELECT state FROM products WHERE id = 2")
            #expect(try deleted.decode((String).self) == ["deleted"])
            #expect(try await shop.number("SELECT count(*) FROM cart_lines", shop.customersDB) == 0)
            // Said before the upgrade, and kept: the votes' times are older than the shop.
            let said = try await shop.number(
                "SELECT count(*) FROM saga_participants WHERE voted_at < now() - interval '1 hour'", shop.ordersDB)
            #expect(said == 11)
            // And life goes on.
            #expect(try await shop.buy(7, 1).state == "confirmed")
            try await shop.checkInvariants()
        }
    }

    private static func saga(_ number: Int) -> UUID {
        let digits = String(number)
        let text = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        guard let id = UUID(uuidString: text) else { preconditionFailure("\(text) is a UUID") }
        return id
    }

    /// Sagas by number, and what they carry: an order of one teapot, by user 7 but for the third.
    private static let helpers = """
        CREATE FUNCTION pg_temp.saga(number bigint) RETURNS uuid LANGUAGE sql AS $$
            SELECT ('00000000-0000-4000-8000-' || lpad(number::text, 12, '0'))::uuid
        $$;
        CREATE FUNCTION pg_temp.payload(number bigint) RETURNS jsonb LANGUAGE sql AS $$
            SELECT jsonb_build_object(
                'order_id', number, 'buyer_id', CASE number WHEN 3 THEN 8 ELSE 7 END, 'currency', 'RUB', 'total', 100,
                'lines', jsonb_build_array(jsonb_build_object(
                    'product_id', 1, 'seller_id', 900, 'quantity', 1, 'unit_price', 100)))
        $$;
        CREATE FUNCTION pg_temp.deletion() RETURNS jsonb LANGUAGE sql AS $$
            SELECT jsonb_build_object('product_id', 2, 'seller_id', 900, 'name', 'Cup')
        $$;
        CREATE FUNCTION pg_temp.refusal() RETURNS jsonb LANGUAGE sql AS $$
            SELECT '{"code": "insufficient_funds", "message": "the balance is 0.00 RUB"}'::jsonb
        $$;

        """

    /// By role, as services of the version before leave them when they are stopped.
    private static let remains: [Role: String] = [
        .orders: """
        -- Placements: 1 has one vote; 2 and 3 are decided, with reports missing; 4 waits for a vote that is on its
        -- way; of 5 nobody has heard; 7 waits for a report. Those that wait for no message are due.
        INSERT INTO sagas
            (id, name, subject_id, phase, payload, refusal, started_at, deadline_at, next_attempt_at, decided_at,
            finished_at)
        SELECT pg_temp.saga(n), 'order-placement', n, phase, pg_temp.payload(n),
            CASE n WHEN 3 THEN pg_temp.refusal() END, now() - interval '3 hours', now() + interval '1 hour',
            now() + next, CASE WHEN phase <> 'trying' THEN now() - interval '1 hour' END,
            CASE WHEN phase = 'confirmed' THEN now() - interval '1 hour' END
        FROM (VALUES
            (1, 'trying', interval '0'), (2, 'confirming', '0'), (3, 'cancelling', '0'), (4, 'trying', '1 hour'),
            (5, 'trying', '1 hour'), (6, 'confirmed', NULL), (7, 'confirming', '1 hour')
        ) AS s (n, phase, next);
        -- And the sixth order is being called off.
        INSERT INTO sagas (id, name, subject_id, phase, payload, started_at, deadline_at, next_attempt_at)
        VALUES (pg_temp.saga(16), 'order-cancellation', 6, 'trying', pg_temp.payload(6), now() - interval '3 hours',
            now() + interval '1 hour', now());
        INSERT INTO saga_participants
            (saga_id, participant, vote, vote_refusal, vote_message_id, voted_at, done_message_id, done_at)
        SELECT pg_temp.saga(n), participant, vote, CASE vote WHEN 'refused' THEN pg_temp.refusal() END,
            CASE WHEN vote IS NOT NULL THEN gen_random_uuid() END,
            CASE WHEN vote IS NOT NULL THEN now() - interval '2 hours' END,
            CASE WHEN done THEN gen_random_uuid() END, CASE WHEN done THEN now() - interval '30 minutes' END
        FROM (VALUES
            (1, 'products', 'accepted', false), (1, 'customers', NULL, false),
            (2, 'products', 'accepted', true), (2, 'customers', 'accepted', false),
            (3, 'products', 'accepted', false), (3, 'customers', 'refused', false),
            (4, 'products', NULL, false), (4, 'customers', 'accepted', false),
            (5, 'products', NULL, false), (5, 'customers', NULL, false),
            (6, 'products', 'accepted', true), (6, 'customers', 'accepted', true),
            (7, 'products', 'accepted', true), (7, 'customers', 'accepted', false),
            (16, 'products', 'accepted', false), (16, 'customers', NULL, false)
        ) AS p (n, participant, vote, done);
        INSERT INTO orders (user_id, state, currency, total, saga_id, reject_code, reject_message, decided_at,
            cancellation_saga_id)
        SELECT CASE n WHEN 3 THEN 8 ELSE 7 END, state, 'RUB', 100, pg_temp.saga(n),
            CASE n WHEN 3 THEN 'insufficient_funds' END, CASE n WHEN 3 THEN 'the balance is 0.00 RUB' END,
            CASE WHEN state <> 'pending' THEN now() - interval '1 hour' END,
            CASE state WHEN 'cancelling' THEN pg_temp.saga(16) END
        FROM (VALUES
            (1, 'pending'), (2, 'confirmed'), (3, 'rejected'), (4, 'pending'), (5, 'pending'), (6, 'cancelling'),
            (7, 'confirmed')
        ) AS o (n, state) ORDER BY n;
        INSERT INTO order_lines (order_id, product_id, seller_id, name, quantity, unit_price)
        SELECT id, 1, 900, 'Teapot', 1, 100 FROM orders;
        -- The version before wrote what a saga says to its outbox: the try of the fifth has not gone out.
        INSERT INTO outbox (message_id, type, correlation_id, mandatory, body)
        VALUES (gen_random_uuid(), 'saga.order-placement.try', pg_temp.saga(5), true,
            json_build_object('schema_version', 1, 'payload', pg_temp.payload(5)));
        """,
        .products: """
        -- Twenty teapots: three have gone out, and three are reserved.
        INSERT INTO products
            (seller_id, name, description, category, price, currency, amount, reserved, state, deletion_saga_id)
        VALUES (900, 'Teapot', 'Holds water.', 'toys', 100, 'RUB', 17, 3, 'on_sale', NULL),
            (900, 'Cup', 'Holds tea.', 'toys', 10, 'RUB', 5, 0, 'deleting', pg_temp.saga(20));
        INSERT INTO reservations (saga_id, product_id, order_id, quantity, state)
        SELECT pg_temp.saga(n), 1, n, 1, state
        FROM (VALUES
            (1, 'reserved'), (2, 'committed'), (3, 'reserved'), (4, 'reserved'), (6, 'committed'), (7, 'committed')
        ) AS r (n, state);
        INSERT INTO saga_branches (saga_id, participant, saga_name, state, payload)
        SELECT pg_temp.saga(n), 'products', 'order-placement', state, pg_temp.payload(n)
        FROM (VALUES
            (1, 'tried'), (2, 'confirmed'), (3, 'tried'), (4, 'tried'), (6, 'confirmed'), (7, 'confirmed')
        ) AS b (n, state)
        UNION ALL SELECT pg_temp.saga(16), 'products', 'order-cancellation', 'tried', pg_temp.payload(6);
        -- The cup is being deleted; of the two that are asked one has said yes.
        INSERT INTO sagas (id, name, subject_id, phase, payload, started_at, deadline_at, next_attempt_at)
        VALUES (pg_temp.saga(20), 'product-deletion', 2, 'trying', pg_temp.deletion(), now() - interval '3 hours',
            now() + interval '1 hour', now());
        INSERT INTO saga_participants (saga_id, participant, vote, vote_message_id, voted_at)
        VALUES (pg_temp.saga(20), 'customers', 'accepted', gen_random_uuid(), now() - interval '2 hours'),
            (pg_temp.saga(20), 'reviews', NULL, NULL, NULL);
        """,
        .customers: """
        INSERT INTO accounts (user_id, kind, currency, balance)
        VALUES (0, 'external', 'RUB', -1000), (7, 'available', 'RUB', 600), (7, 'held', 'RUB', 200),
            (900, 'available', 'RUB', 200);
        INSERT INTO ledger_transactions (kind, saga_id, order_id)
        SELECT kind, pg_temp.saga(n), n
        FROM (VALUES
            ('top_up', NULL), ('hold', 2), ('hold', 4), ('hold', 6), ('hold', 7), ('capture', 6), ('capture', 7)
        ) AS t (kind, n);
        INSERT INTO ledger_entries (transaction_id, account_id, amount)
        SELECT t.id, a.id, e.amount
        FROM ledger_transactions t JOIN (VALUES
            ('top_up', 0, 'external', -1000), ('top_up', 7, 'available', 1000),
            ('hold', 7, 'available', -100), ('hold', 7, 'held', 100),
            ('capture', 7, 'held', -100), ('capture', 900, 'available', 100)
        ) AS e (posting, user_id, account, amount) ON e.posting = t.kind
        JOIN accounts a ON a.user_id = e.user_id AND a.kind = e.account;
        INSERT INTO saga_branches (saga_id, participant, saga_name, state, refusal, payload)
        SELECT pg_temp.saga(n), 'customers', 'order-placement', state,
            CASE state WHEN 'refused' THEN pg_temp.refusal() END, pg_temp.payload(n)
        FROM (VALUES
            (2, 'tried'), (3, 'refused'), (4, 'tried'), (6, 'confirmed'), (7, 'confirmed')
        ) AS b (n, state);
        INSERT INTO saga_branches (saga_id, participant, saga_name, state, payload)
        VALUES (pg_temp.saga(20), 'customers', 'product-deletion', 'tried', pg_temp.deletion());
        INSERT INTO hidden_products (product_id, saga_id) VALUES (2, pg_temp.saga(20));
        INSERT INTO cart_lines (user_id, product_id, amount) VALUES (7, 2, 1);
        -- The money of the seventh order has moved, and that has not been told yet.
        INSERT INTO outbox (message_id, type, correlation_id, mandatory, body)
        VALUES (gen_random_uuid(), 'saga.order-placement.done', pg_temp.saga(7), true,
            '{"schema_version": 1, "participant": "customers", "decision": "confirm"}');
        """,
    ]
}
