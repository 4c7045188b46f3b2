import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import TestSupport
import Testing

extension SystemTests {
    /// What kept a saga is told when it is over, too.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct SagaTroubleTests {
        private static let impatient = ["SHOPCTL_SAGA_STUCK_AFTER": "1"]

        /// Takes customers the right to take part in sagas, while an order of theirs begins.
        ///
        /// - Returns: The order's id and its saga's.
        private func refusing(
            _ shop: Shop, _ user: Int64, _ body: (Int64, String) async throws -> Void
        ) async throws {
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(user, 10_000)
            let customers = try #require(shop.databases[.customers])
            try await customers.query(
                """
                CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'permission denied for table accounts' USING ERRCODE = '42501'; END $$
                """)
            try await customers.query(
                "CREATE TRIGGER refuse BEFORE INSERT ON saga_branches FOR EACH ROW EXECUTE FUNCTION refuse()")
            let order = try await shop.order(user, product).expect(202)
            let (id, saga) = (try #require(order["id"].integer), try #require(order["saga_id"].text))
            try await eventually("it is stuck, and the reason is told with its place") {
                let stuck = try await shop.run(
                    "saga", "list", "--state", "stuck", "-o", "json", environment: Self.impatient
                ).expect(0).json["sagas"].list.first { $0["id"].text == saga }
                return stuck?["last_error"].text?.contains("permission denied") == true
                    && stuck?["last_error_service"] == "customers"
            }
            try await body(id, saga)
            try await customers.query("DROP TRIGGER refuse ON saga_branches")
            #expect(try await shop.outcome(user, id)["state"] == "confirmed")
        }

        /// Lets a role's database take no writes, as after a failover that was left half done.
        private func readOnly(_ shop: Shop, _ role: Role, _ body: () async throws -> Void) async throws {
            let own = try #require(shop.databases[role])
            let other = try #require(shop.databases[role == .orders ? .products : .orders])
            let name = try #require(
                try await own.query("SELECT current_database()::text").decode((String).self).first)
            func alter(_ change: String) async throws {
                try await other.query("ALTER DATABASE \(unescaped: name) \(unescaped: change)")
                try await other.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(name)")
            }
            try await alter("SET default_transaction_read_only = on")
            do { try await body() } catch {
                try await alter("RESET default_transaction_read_only")
                throw error
            }
            try await alter("RESET default_transaction_read_only")
        }

        @Test("A service that cannot write a reason has that of its process's checks, and no word of bindings")
        func unwritten() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(23, 10_000)
            try await shop.settle()
            var watched = Self.impatient
            watched["SHOPCTL_ADMIN_URL"] = try shop.process(of: .customers).admin.origin
            var placed: Int64?
            try await readOnly(shop, .customers) { [watched] in
                let order = try await shop.order(23, product).expect(202)
                placed = order["id"].integer
                let saga = try #require(order["saga_id"].text)
                try await eventually("it is stuck, and the check is its reason") {
                    let list = try await shop.run(
                        "saga", "list", "--state", "stuck", "-o", "json", environment: watched
                    ).expect(0).json["sagas"].list
                    let stuck = list.first { $0["id"].text == saga }
                    return stuck?["last_error"].text?.hasPrefix("customers.database: ") == true
                        && stuck?["last_error_service"] == "customers"
                }
                let groups = try await shop.run(
                    "saga", "list", "--reason", "customers.database", "--group-by", "reason", "-o", "json",
                    environment: watched
                ).expect(0).json["groups"].list
                #expect(groups.contains { $0["reason"].text?.hasPrefix("customers.database: ") == true }, "\(groups)")
                let unwatched = try await shop.run("saga", "list", "--group-by", "reason", "-o", "json").expect(0).json
                #expect(
                    unwatched["groups"].list.contains { $0["reason"].text?.hasPrefix("no vote of ") == true },
                    "\(unwatched)")
                try await eventually("the next command is the one that shows it") {
                    let told = try await shop.run("saga", "inspect", saga, "-o", "json", environment: watched).expect(0)
                        .json
                    let awaited = told["awaited"].list.first { $0["participant"] == "customers" }
                    return told["next"].list.contains { $0["command"] == "shopctl status" }
                        && awaited?["text"].text?.contains("customers.database: ") == true
                }
                let away = watched.merging(["AMQP_URL": "amqp://shop:secret@127.0.0.1:9/shop"]) { $1 }
                let partly = try await shop.run("saga", "list", "--state", "stuck", environment: away).expect(3)
                #expect(partly.error.contains("not asked: broker: ") && !partly.error.contains("secret"), "\(partly)")
            }
            #expect(try await shop.outcome(23, try #require(placed))["state"] == "confirmed")
        }

        private func inspect(_ shop: Shop, _ saga: String) async throws -> JSON {
            try await shop.run("saga", "inspect", saga, "-o", "json", environment: Self.impatient).expect(0).json
        }

        @Test("What was stuck and is over tells of what, where, since when and for how long, for ever after")
        func stuck() async throws {
            let shop = try Shop.current
            var found: (id: Int64, saga: String)?
            try await refusing(shop, 21) { id, saga in
                found = (id, saga)
                try await eventually("the order's story tells why, too") {
                    let story = try await shop.run("order", "story", "\(id)", "-o", "json").expect(0).json
                    let awaited = story["awaited"].list.first { $0["participant"] == "customers" }
                    return awaited?["saga_id"].text == saga
                        && awaited?["text"].text?.contains("permission denied") == true
                }
                try await eventually("for people, too") {
                    let lines = try await shop.run("order", "story", "\(id)").expect(0).output.split(separator: "\n")
                    return lines.contains { $0.hasPrefix("waits ") && $0.contains("permission denied") }
                }
            }
            let (id, saga) = try #require(found)
            try await shop.settle()
            let told = try await eventuallyValue("its failures are recorded") {
                let told = try await inspect(shop, saga)
                return told["failures"].list.isEmpty ? nil : told
            }
            #expect(told["saga"]["last_error"].text?.contains("permission denied") == true, "\(told)")
            #expect(told["saga"]["last_error_service"] == "customers", "\(told)")
            let failure = told["failures"][0]
            #expect(failure["service"] == "customers" && failure["message"] == "try", "\(failure)")
            #expect(failure["count"].integer ?? 0 >= 1 && failure["since"].text != nil, "\(failure)")
            #expect(failure["last_error"].text?.contains("permission denied") == true, "\(failure)")
            let events = told["timeline"].list.compactMap { $0["event"].text }
            for pair in [
                ["failed_last", "handled_late"], ["stuck_since", "stuck_until"], ["stuck_until", "finished"],
            ] {
                let places = pair.compactMap { events.firstIndex(of: $0) }
                #expect(places.count == 2 && places == places.sorted(), "\(pair): \(events)")
            }
            let texts = told["timeline"].list.compactMap { $0["text"].text }
            #expect(texts.count { $0.hasPrefix("handled the try, which had failed ") } == 1, "\(texts)")
            #expect(texts.count { $0.hasSuffix("the try, for the first time") } <= 1, "\(texts)")
            let inspected = try await shop.run("saga", "inspect", saga, environment: Self.impatient).expect(0).output
            let reason = inspected.split(separator: "\n").first { $0.hasPrefix("reason        customers, try: ") }
            #expect(reason?.contains("permission denied") == true, "\(inspected)")
            let was = try await shop.run(
                "saga", "list", "--state", "was-stuck", "-o", "json", environment: Self.impatient
            ).expect(0).json["sagas"].list.first { $0["id"].text == saga }
            let listed = try #require(was)
            #expect(listed["stuck"] == false && listed["was_stuck_ms"].integer ?? 0 >= 1_000, "\(listed)")
            #expect(listed["was_stuck_since"].text != nil && listed["was_stuck_until"].text != nil, "\(listed)")
            #expect(listed["last_error"].text?.contains("permission denied") == true, "\(listed)")
            #expect(listed["last_error_service"] == "customers" && listed["last_error_message"] == "try", "\(listed)")
            #expect(listed["last_error_at"].text != nil, "\(listed)")
            let table = try await shop.run("saga", "list", "--state", "was-stuck", environment: Self.impatient).expect(
                0)
            #expect(table.output.contains("was stuck for ") && table.output.contains("permission denied"), "\(table)")
            let wide = try await shop.run(
                "saga", "list", "--state", "was-stuck", "-o", "wide", environment: Self.impatient
            ).expect(0)
            #expect(table.output.contains(" STARTED ") && !table.output.contains(" AGE "), "one of the two: \(table)")
            #expect(wide.output.contains(" STARTED ") && wide.output.contains(" AGE "), "\(wide)")
            try await failed(shop, saga)
            let story = try await shop.run("order", "story", "\(id)", environment: Self.impatient).expect(0).output
            #expect(story.contains("failed to handle the try") && story.contains("STUCK"), "\(story)")
            let graph = try await shop.run("saga", "inspect", saga, "--graph", "mermaid").expect(0).output
            #expect(graph.contains("try failed ") && graph.contains("permission denied"), "\(graph)")
            let partly = try await shop.run(
                "saga", "list", "--state", "was-stuck",
                environment: Self.impatient.merging([
                    "SHOPCTL_CUSTOMERS_DATABASE_URL": "postgres://shop:secret@127.0.0.1:9/x"
                ]) { $1 }
            ).expect(3)
            #expect(partly.error.contains("not asked: customers") && !partly.error.contains("secret"), "\(partly)")
        }

        /// A repeated message was handled before one that had failed, and that waits to be tried again still.
        private func failed(_ shop: Shop, _ saga: String) async throws {
            let publisher = RabbitMQPublisher(configuration: shop.broker, logger: testLogger)
            let outcome = try await publisher.publish(
                RabbitMQMessage(
                    exchange: "", routingKey: "customers.retry.300s.v2", body: Array(#"{"schema_version":1}"#.utf8),
                    properties: MessageProperties(
                        messageID: UUID().uuidString.lowercased(), correlationID: saga,
                        type: "saga.order-placement.confirm", appID: "orders", timestamp: Date(),
                        headers: [
                            "shop-last-error": .string("the pump is broken"), "shop-failures": .int(1),
                            "shop-failed-at": .int(Int64(Date().timeIntervalSince1970 * 1_000_000)),
                        ])))
            await publisher.close()
            #expect(outcome == .confirmed)
            try await eventually("its reason is told though its saga is over") {
                let found = try await shop.run(
                    "saga", "list", "--state", "was-stuck", "-o", "json", environment: Self.impatient
                ).expect(0).json["sagas"].list.first { $0["id"].text == saga }
                return found?["last_error"] == "the pump is broken" && found?["last_error_message"] == "confirm"
            }
            try await shop.forgetRetried(by: .customers)
        }

        @Test("A dead letter that is sent back and handled leaves the time and the reason of its death")
        func replayed() async throws {
            let shop = try Shop.current
            let letter = UUID().uuidString.lowercased()
            var found: (id: Int64, saga: String)?
            try await refusing(shop, 22) { id, saga in
                found = (id, saga)
                // A decision for what was never tried is poison.
                let publisher = RabbitMQPublisher(configuration: shop.broker, logger: testLogger)
                let outcome = try await publisher.publish(
                    RabbitMQMessage(
                        exchange: "", routingKey: "customers.inbox.v2", body: Array(#"{"schema_version":1}"#.utf8),
                        properties: MessageProperties(
                            messageID: letter, correlationID: saga, type: "saga.order-placement.confirm",
                            appID: "orders", timestamp: Date())))
                await publisher.close()
                #expect(outcome == .confirmed)
                try await eventually("it is a dead letter") {
                    try await inspect(shop, saga)["dead_letters"].list.contains { $0["message_id"].text == letter }
                }
            }
            let (id, saga) = try #require(found)
            let died = try #require(
                try await inspect(shop, saga)["dead_letters"].list.first { $0["message_id"].text == letter },
                "one that was stuck tells of its letters also when it is over")
            try await shop.run("queue", "replay", "customers", "--message-id", letter).expect(0)
            try await shop.settle()
            let told = try await inspect(shop, saga)
            let failure = try #require(told["failures"].list.first { $0["message"] == "confirm" }, "\(told)")
            #expect(failure["gave_up_at"] == died["died_at"], "\(failure), \(died)")
            #expect(failure["gave_up_reason"].text?.hasPrefix("protocol_violation: ") == true, "\(failure)")
            #expect(failure["count"] == 1 && failure["service"] == "customers", "\(failure)")
            let events = told["timeline"].list
            let death = events.first { $0["event"] == "dead_lettered" }
            #expect(death?["text"].text?.hasPrefix("GAVE UP on saga.order-placement.confirm (") == true, "\(events)")
            let story = try await shop.run("order", "story", "\(id)").expect(0).output
            #expect(story.contains("GAVE UP on saga.order-placement.confirm"), "\(story)")
        }
    }
}
