import DevStack
import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import TestSupport
import Testing

extension SystemTests {
    /// The examination of a real shop: one that is well and at work, and one that is damaged in every way that is known.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct DoctorTests {
        /// Without the management interface bindings cannot be seen, and nothing else is missing.
        private func examine(
            _ shop: Shop, _ arguments: String..., environment: [String: String] = [:], expecting status: Int32,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> JSON {
            let places = [
                "SHOPCTL_ADMIN_URL": try shop.process(of: .gateway).admin.origin,
                "SHOPCTL_GATEWAY_URL": shop.gateway.origin,
            ]
            return try await Shopctl.run(
                ["doctor", "-o", "json"] + arguments,
                environment: shop.environment.merging(places) { $1 }.merging(environment) { $1 }
            ).expect(status, sourceLocation: sourceLocation).json
        }

        private func kinds(_ told: JSON) -> Set<String> {
            Set(told["findings"].list.compactMap { $0["kind"].text })
        }

        @Test("A shop at work is well: every source is asked, every invariant looked at, and nobody cries wolf")
        func well() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 1_000)
            try await shop.topUp(7, 100_000)
            let order = try #require(try await shop.order(7, product, wait: 60).expect(200)["id"].integer)
            _ = try await shop.post("/api/order/\(order)/cancel", token: try await shop.token(7), body: [:])
            let working = Task {
                while !Task.isCancelled { _ = try? await shop.order(7, product) }
            }
            let told = try await examine(shop, expecting: 0)
            working.cancel()
            await working.value
            #expect(told["findings"].list == [], "\(told)")
            #expect(told["not_checked"].list.map { $0["what"] } == ["bindings", "clock of broker"], "\(told)")
            #expect(told["complete"] == false && told["sources"].list.allSatisfy { $0["state"] == "ok" }, "\(told)")
            let names = Set(told["checked"].list.compactMap(\.text))
            #expect(names.isSuperset(of: ["ledger_sums", "ledger_balances", "stock", "orders_paid"]), "\(told)")
            let database = told["sources"].list.first { $0["name"] == "database of orders" }
            #expect(database?["version"].text?.isEmpty == false && database?["clock_ahead_ms"].integer != nil)
            let redis = told["sources"].list.first { $0["name"] == "redis" }
            #expect(redis?["version"].text?.isEmpty == false && redis?["clock_ahead_ms"].integer != nil, "\(told)")
            let gateway = told["sources"].list.first { $0["name"] == "gateway" }
            #expect(gateway?["clock_ahead_ms"].integer != nil, "the gateway tells its time")
            try await shop.settle()
        }

        @Test("Each kind of damage across the databases is found, with what shows it, and is gone when it is undone")
        func damaged() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(8, 10_000)
            let order = try #require(try await shop.order(8, product, wait: 60).expect(200)["id"].integer)
            try await shop.settle()
            let orders = try #require(shop.databases[.orders])
            let products = try #require(shop.databases[.products])
            let customers = try #require(shop.databases[.customers])
            let saga = try #require(
                try await orders.query("SELECT saga_id::text FROM orders WHERE id = \(order)").decode((String).self)
                    .first)

            try await customers.query(
                "UPDATE accounts SET balance = balance + 5 WHERE user_id = 8 AND kind = 'available'")
            try await products.query("UPDATE products SET reserved = reserved + 1 WHERE id = \(product)")
            try await orders.query("UPDATE orders SET total = total + 1 WHERE id = \(order)")
            try await orders.query("UPDATE order_lines SET quantity = quantity + 1 WHERE order_id = \(order)")
            try await products.query(
                "UPDATE saga_branches SET state = 'cancelled' WHERE saga_id = \(saga)::text::uuid AND participant = 'products'"
            )
            try await customers.query(
                """
                INSERT INTO saga_branches (saga_id, participant, saga_name, state)
                VALUES ('00000000-0000-4000-8000-000000000001', 'customers', 'order-placement', 'tried')
                """)
            // Nobody looks at it before tomorrow.
            try await orders.query(
                """
                INSERT INTO sagas (id, name, subject_id, phase, payload, deadline_at, next_attempt_at)
                VALUES ('00000000-0000-4000-8000-000000000002', 'order-placement', 999, 'trying', '{}',
                    now() - interval '1 hour', now() + interval '1 day')
                """)
            let told = try await examine(shop, expecting: 2)
            let expected: Set<String> = [
                "balance_wrong", "stock_wrong", "order_unpaid", "order_stock", "branch_differs", "branch_without_saga",
                "saga_overdue",
            ]
            #expect(kinds(told).isSuperset(of: expected), "\(expected.subtracting(kinds(told))): \(told)")
            func finding(_ kind: String) -> JSON {
                told["findings"].list.first { $0["kind"].text == kind } ?? .null
            }
            #expect(finding("balance_wrong")["evidence"][0].text?.hasPrefix("user 8 (available): ") == true)
            #expect(finding("order_unpaid")["next"].text == "shopctl order story \(order)")
            #expect(finding("branch_differs")["next"].text == "shopctl saga inspect \(saga)")
            #expect(finding("branch_without_saga")["subject"] == "customers")
            #expect(told["findings"].list.allSatisfy { $0["evidence"].list.isEmpty == false || $0["fixable"] == false })
            // It is no doctor's to mend what a person must judge.
            let kept = try await examine(shop, "--fix", expecting: 2)
            #expect(kinds(kept).isSuperset(of: expected) && kept["findings"].list.allSatisfy { $0["fixed"] == false })

            try await customers.query(
                "UPDATE accounts SET balance = balance - 5 WHERE user_id = 8 AND kind = 'available'")
            try await products.query("UPDATE products SET reserved = reserved - 1 WHERE id = \(product)")
            try await orders.query("UPDATE orders SET total = total - 1 WHERE id = \(order)")
            try await orders.query("UPDATE order_lines SET quantity = quantity - 1 WHERE order_id = \(order)")
            try await products.query(
                "UPDATE saga_branches SET state = 'confirmed' WHERE saga_id = \(saga)::text::uuid AND participant = 'products'"
            )
            try await customers.query(
                "DELETE FROM saga_branches WHERE saga_id = '00000000-0000-4000-8000-000000000001'")
            try await orders.query("DELETE FROM sagas WHERE id = '00000000-0000-4000-8000-000000000002'")
            #expect(try await examine(shop, expecting: 0)["findings"].list == [])
        }

        @Test("Money from nowhere, and money for an order that nobody has placed, is found")
        func money() async throws {
            let shop = try Shop.current
            try await shop.topUp(9, 500)
            let customers = try #require(shop.databases[.customers])
            let account: Int64 = try await shop.number(
                .customers, "SELECT id FROM accounts WHERE user_id = 9 AND kind = 'available'")
            // No trigger of the shop's lets that in.
            try await customers.transaction { transaction in
                try await transaction.query("ALTER TABLE ledger_entries DISABLE TRIGGER USER")
                try await transaction.query(
                    """
                    WITH posted AS (
                        INSERT INTO ledger_transactions (kind, saga_id, order_id)
                        VALUES ('capture', '00000000-0000-4000-8000-000000000003', 987654) RETURNING id
                    )
                    INSERT INTO ledger_entries (transaction_id, account_id, amount) SELECT id, \(account), 7 FROM posted
                    """)
                try await transaction.query("ALTER TABLE ledger_entries ENABLE TRIGGER USER")
            }
            let told = try await examine(shop, expecting: 2)
            #expect(
                kinds(told) == ["ledger_unbalanced", "balance_wrong", "payment_without_order"], "\(told)")
            try await customers.transaction { transaction in
                try await transaction.query("ALTER TABLE ledger_entries DISABLE TRIGGER USER")
                try await transaction.query("ALTER TABLE ledger_transactions DISABLE TRIGGER USER")
                try await transaction.query(
                    "DELETE FROM ledger_entries WHERE transaction_id = (SELECT id FROM ledger_transactions WHERE order_id = 987654)"
                )
                try await transaction.query("DELETE FROM ledger_transactions WHERE order_id = 987654")
                try await transaction.query("ALTER TABLE ledger_entries ENABLE TRIGGER USER")
                try await transaction.query("ALTER TABLE ledger_transactions ENABLE TRIGGER USER")
            }
            #expect(try await examine(shop, expecting: 0)["findings"].list == [])
        }

        @Test(
            "Claims of nobody who lives are given back by --fix, which the audit trail tells; a dry run changes nothing"
        )
        func claims() async throws {
            let shop = try Shop.current
            let orders = try #require(shop.databases[.orders])
            try await orders.query(
                """
                INSERT INTO outbox (message_id, type, mandatory, body, claimed_until)
                VALUES (gen_random_uuid(), 'test.nobody', false, '{}', now() + interval '1 day')
                """)
            let dry = try await examine(shop, "--fix", "--dry-run", expecting: 2)
            #expect(kinds(dry) == ["outbox_claimed"] && dry["findings"][0]["fixable"] == true, "\(dry)")
            #expect(dry["findings"][0]["fixed"] == false && dry["dry_run"] == true)
            let unsent: PostgresQuery =
                "SELECT count(*) FROM outbox WHERE type = 'test.nobody' AND published_at IS NULL"
            #expect(try await shop.number(.orders, unsent) == 1)
            let fixed = try await examine(shop, "--fix", "--reason", "a test's", expecting: 0)
            #expect(fixed["findings"].list.count == 1 && fixed["findings"][0]["fixed"] == true, "\(fixed)")
            try await eventually("it is sent") { try await shop.number(.orders, unsent) == 0 }
            let trail = try await shop.run("audit", "list", "-o", "json").expect(0).json["entries"].list
            let noted = trail.first { $0["action"] == "doctor.fix release outbox claims" }
            #expect(noted?["role"] == "orders" && noted?["reason"] == "a test's", "\(trail)")
        }

        @Test("A table that somebody has renamed and an index that is gone are found in their databases")
        func schema() async throws {
            let shop = try Shop.current
            try await shop.settle()
            let customers = try #require(shop.databases[.customers])
            let products = try #require(shop.databases[.products])
            try await customers.query("ALTER TABLE carts RENAME TO carts_elsewhere")
            try await products.query("ALTER INDEX outbox_correlation RENAME TO outbox_elsewhere")
            let seen = await Task { try await examine(shop, expecting: 2) }.result
            try await customers.query("ALTER TABLE carts_elsewhere RENAME TO carts")
            try await products.query("ALTER INDEX outbox_elsewhere RENAME TO outbox_correlation")
            let told = try seen.get()
            #expect(told["findings"].list.map { $0["kind"] } == ["schema_wrong", "schema_wrong"], "\(told)")
            let (table, index) = (told["findings"][0], told["findings"][1])
            #expect(table["subject"] == "customers" && table["severity"] == "critical", "\(told)")
            #expect(table["evidence"].list == ["table carts is missing (migration 6_favourites)"], "\(told)")
            #expect(table["next"] == "shopctl migrate verify --role customers", "\(told)")
            #expect(index["subject"] == "products" && index["severity"] == "warning", "\(told)")
            let missing = "index outbox_correlation of outbox is missing (migration 1_messaging): CREATE INDEX "
            #expect(index["evidence"][0].text?.hasPrefix(missing) == true, "\(told)")
            let well = try await examine(shop, expecting: 0)
            #expect(well["findings"].list == [] && well["checked"].list.contains("customers_schema"), "\(well)")
        }

        @Test("A confirmed order of which reviews has not heard is found, with the command that tells it again")
        func purchases() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(10, 10_000)
            let order = try #require(try await shop.order(10, product, wait: 60).expect(200)["id"].integer)
            try await shop.settle()
            let orders = try #require(shop.databases[.orders])
            let reviews = try #require(shop.databases[.reviews])
            try await orders.query(
                """
                UPDATE orders SET created_at = created_at - interval '2 minutes',
                    decided_at = decided_at - interval '2 minutes' WHERE id = \(order)
                """)
            #expect(try await examine(shop, expecting: 0)["findings"].list == [])
            try await reviews.query("DELETE FROM purchases WHERE order_id = \(order)")
            try await reviews.query("DELETE FROM inbox")
            let told = try await examine(shop, expecting: 2)
            #expect(kinds(told) == ["purchase_missing"] && told["findings"][0]["subject"] == "reviews", "\(told)")
            let evidence = told["findings"][0]["evidence"].list
            #expect(evidence.count == 1 && evidence[0].text?.hasPrefix("order \(order), confirmed at ") == true)
            let next = try #require(told["findings"][0]["next"].text)
            #expect(next.hasPrefix("shopctl outbox replay --service orders --type order.confirmed --since 20"))
            let words = next.split(separator: " ").dropFirst().map(String.init)
            try await Shopctl.run(words, environment: shop.environment).expect(0)
            try await eventually("reviews has heard of it") {
                try await shop.number(.reviews, "SELECT count(*) FROM purchases WHERE order_id = \(order)") == 1
            }
            #expect(try await examine(shop, expecting: 0)["findings"].list == [])
        }

        @Test("What cannot be asked is said, and is no finding; with no settings at all there is nobody to examine")
        func missing() async throws {
            let shop = try Shop.current
            let nowhere = ["SHOPCTL_CUSTOMERS_DATABASE_URL": "postgres://shop:secret@127.0.0.1:9/x"]
            let told = try await examine(shop, environment: nowhere, expecting: 3)
            let unchecked = Set(told["not_checked"].list.compactMap { $0["what"].text })
            #expect(told["findings"].list == [] && unchecked.contains("ledger_sums"), "\(told)")
            #expect(told["sources"].list.contains { $0["name"] == "database of customers" && $0["state"] == "away" })
            let table = try await shop.run("doctor", environment: nowhere).expect(3)
            #expect(table.output.contains("not checked ledger_sums: it needs the database of customers"), "\(table)")
            #expect(!(table.output + table.error).contains("secret") && table.error.contains("SHOP-863"))
            #expect(try await Shopctl.run(["doctor"]).expect(78).error.contains("--context"))
            // What no setting lets it ask is one line, and nothing is wrong with it.
            let unset = try await shop.run("doctor").expect(0)
            #expect(unset.output.contains("\nnot looked at: bindings, clock of broker; RabbitMQ's"), "\(unset)")
            #expect(unset.output.contains("what could be looked at is well: "), "\(unset)")
            #expect(!unset.error.contains("error"), "\(unset)")
            try await shop.run("doctor", "--dry-run").expect(64)
            try await shop.run("doctor", "--reason", "a test's").expect(64)
            try await shop.run("doctor", "--since", "30d").expect(64)
        }
    }

    /// The examination where the broker's bindings can be seen.
    @Suite(.inTurn) struct DoctorBindingTests {
        @Test("Events that went past a queue until its service bound it again are told until they were sent again")
        func lostEvents() async throws {
            try await withPrivateServers(management: true) { servers in
                let management = ["SHOPCTL_AMQP_MANAGEMENT_URL": try #require(servers.state.managementURL)]
                try await withShop(.oneProcess, on: servers, settings: management) { shop in
                    let product = try await shop.sell(price: 100, amount: 10)
                    try await shop.topUp(7, 10_000)
                    let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
                    servers.fixture.atEnd { await admin.close() }
                    try await admin.unbind(
                        queue: "customers.inbox.v2", exchange: "shop.events", routingKey: "order.confirmed")
                    let order = try #require(try await shop.order(7, product, wait: 60).expect(200)["id"].integer)
                    try await shop.settle()
                    // It looks at its start.
                    let process = try shop.process(of: .customers)
                    await process.stop()
                    try await process.start()
                    func told() async throws -> JSON? {
                        try await shop.run("status", "-o", "json").json["findings"].list.first {
                            $0["kind"] == "events_lost"
                        }
                    }
                    func rebound() async throws -> JSON? {
                        try await shop.run("audit", "list", "-o", "json").expect(0).json["entries"].list.first {
                            $0["action"].text?.hasPrefix("queue.rebind customers.inbox.v2 order.confirmed since ")
                                == true
                        }
                    }
                    try await eventually("it is bound again") { try await rebound() != nil }
                    let deed = try await rebound()
                    #expect(deed?["actor_role"] == "service" && deed?["role"] == "customers", "\(deed ?? .null)")
                    let finding = try #require(try await told())
                    #expect(finding["subject"] == "customers" && finding["severity"] == "critical", "\(finding)")
                    let command = try #require(finding["next"].text)
                    let prefix = "shopctl outbox replay --service orders --type order.confirmed --since 20"
                    #expect(command.hasPrefix(prefix), "\(finding)")
                    let check = try await shop.run("queue", "check", "-o", "json", environment: management).expect(2)
                    #expect(check.json["findings"].list.map { $0["kind"] } == ["events_lost"], "\(check)")
                    #expect(check.json["findings"][0]["next"][0].text == command, "\(check)")
                    let doctor = try await shop.run("doctor", "-o", "json", environment: management).expect(2)
                    #expect(doctor.json["findings"].list.contains { $0["next"].text == command }, "\(doctor)")

                    // Less than all is not enough.
                    try await shop.run("outbox", "replay", "--service", "orders", "--since", "1s").expect(0)
                    #expect(try await told() != nil)
                    let words = command.split(separator: " ").dropFirst().map(String.init)
                    try await Shopctl.run(words, environment: shop.environment).expect(0)
                    #expect(try await told() == nil)
                    try await shop.run("queue", "check", environment: management).expect(0)
                    // Nobody can tell then that they were sent again.
                    let unread = ["SHOPCTL_ORDERS_DATABASE_URL": "postgres://shop:secret@127.0.0.1:9/x"]
                    let partial = try await shop.run(
                        "queue", "check", "-o", "json", environment: management.merging(unread) { $1 }
                    ).expect(3)
                    #expect(partial.json["complete"] == false && partial.json["findings"].list == [], "\(partial)")
                    #expect(partial.error.contains("\"database of orders: "), "\(partial)")
                    let status = try await shop.run("status", "-o", "json", environment: unread).expect(0)
                    let kinds = status.json["findings"].list.compactMap { $0["kind"].text }
                    #expect(kinds.contains("database_away") && !kinds.contains("events_lost"), "\(status)")
                    try await eventually("the buyer is told") {
                        try await shop.number(
                            .customers,
                            """
                            SELECT count(*) FROM notifications WHERE kind = 'order_confirmed' AND order_id = \(order)
                            """) == 1
                    }
                }
            }
        }

        @Test("With the management interface all is well, and what is missing at the broker is declared again by --fix")
        func bindings() async throws {
            try await withPrivateServers(management: true) { servers in
                let management = try #require(servers.state.managementURL)
                try await withShop(.oneProcess, on: servers) { shop in
                    func doctor(_ arguments: String..., expecting status: Int32) async throws -> JSON {
                        try await Shopctl.run(
                            ["doctor", "-o", "json"] + arguments,
                            environment: shop.environment.merging(["SHOPCTL_AMQP_MANAGEMENT_URL": management]) { $1 }
                        ).expect(status).json
                    }
                    let well = try await doctor(expecting: 0)
                    #expect(well["complete"] == true && well["findings"].list == [], "\(well)")
                    let broker = well["sources"].list.first { $0["name"] == "broker" }
                    #expect(broker?["clock_ahead_ms"].integer != nil, "its management interface tells its time")
                    let inbox = "customers.inbox.v2"
                    let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
                    servers.fixture.atEnd { await admin.close() }
                    try await admin.unbind(
                        queue: inbox, exchange: "shop.events", routingKey: "order.confirmed")
                    let dry = try await doctor("--fix", "--dry-run", expecting: 2)
                    #expect(dry["findings"].list.map { $0["kind"] } == ["missing_binding"], "\(dry)")
                    let fixed = try await doctor("--fix", expecting: 2)
                    #expect(fixed["findings"].list.map { $0["fixed"] } == [true, false], "\(fixed)")
                    let replay = "shopctl outbox replay --service orders --type order.confirmed --since 20"
                    let next = try #require(fixed["findings"][1]["next"].text)
                    #expect(next.hasPrefix(replay), "what was lost is not back: \(fixed)")
                    let still = try await doctor(expecting: 2)["findings"].list
                    #expect(still.map { $0["kind"] } == ["events_lost"] && still.first?["next"].text == next)
                    try await Shopctl.run(
                        next.split(separator: " ").dropFirst().map(String.init), environment: shop.environment
                    ).expect(0)
                    #expect(try await doctor(expecting: 0)["findings"].list == [])

                    // What went past a queue that is missing itself is lost as well.
                    try await admin.deleteQueue("reviews.inbox.v2")
                    let gone = try await doctor("--fix", "--dry-run", expecting: 2)["findings"].list
                    let queue = try #require(gone.first { $0["kind"] == "missing_queue" }, "\(gone)")
                    let afterwards =
                        "afterwards: shopctl outbox replay --service orders --type order.cancelled --since 24h"
                    #expect(queue["evidence"].list.contains { $0.text == afterwards }, "\(queue)")
                    let declared = try await doctor("--fix", expecting: 2)["findings"].list
                    #expect(declared.contains { $0["kind"] == "missing_queue" && $0["fixed"] == true }, "\(declared)")
                    let lost = declared.filter { $0["kind"] == "events_lost" }
                    #expect(lost.map { $0["subject"] } == ["reviews", "reviews"], "\(declared)")
                }
            }
        }
    }
}
