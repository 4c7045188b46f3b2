import FoundationEssentials
import Hosting
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// Sagas are found, counted and mended by command, in a real shop.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct SagaCommandTests {
        /// Keeps customers from taking part in sagas; whoever only looks is let through.
        private func freezingCustomers(_ shop: Shop, _ body: () async throws -> Void) async throws {
            let customers = try #require(shop.databases[.customers])
            try await customers.transaction { transaction in
                try await transaction.query("LOCK TABLE saga_branches IN EXCLUSIVE MODE")
                try await body()
            }
        }

        private func sagas(_ shop: Shop, _ arguments: String...) async throws -> JSON {
            try await Shopctl.run(["saga", "list", "-o", "json"] + arguments, environment: shop.environment)
                .expect(0).json
        }

        private func group(_ state: String?, _ reason: String?, _ step: String?, _ count: Int64) -> [JSON] {
            [
                state.map(JSON.text) ?? .null, reason.map(JSON.text) ?? .null, step.map(JSON.text) ?? .null,
                .integer(count),
            ]
        }

        /// An order that has no vote but that of products.
        private func hangingOrder(_ shop: Shop, _ user: Int64, _ product: Int64) async throws -> JSON {
            let order = try await shop.order(user, product).expect(202)
            let saga = try #require(order["saga_id"].text)
            try await eventually("only one vote is missing") {
                let found = try await shop.run("saga", "inspect", saga, "-o", "json").expect(0).json
                return found["saga"]["waits_for"] == ["customers"]
            }
            return order
        }

        @Test("Sagas are found by step, time and reason, and counted over all databases")
        func lists() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            let unwanted = try await shop.sell(price: 1, amount: 1)
            try await shop.topUp(7, 10_000)
            try await freezingCustomers(shop) {
                for _ in 1...2 { _ = try await hangingOrder(shop, 7, product) }
                try await shop.delete("/api/products/\(unwanted)", token: try await shop.token(900)).expect(200)
                try await eventually("all wait for customers alone") {
                    let reviews = try await sagas(shop, "--step", "reviews")["total"]
                    return try await sagas(shop, "--step", "try:customers")["total"] == 3 && reviews == 0
                }
                #expect(try await sagas(shop, "--step", "customers", "--saga", "order-placement")["total"] == 2)
                #expect(try await sagas(shop, "--step", "products")["total"] == 0)
                #expect(try await sagas(shop, "--step", "confirm")["total"] == 0)
                #expect(try await sagas(shop, "--stuck-for", "1h")["total"] == 0)
                try await eventually("none has made progress for a second") {
                    try await sagas(shop, "--stuck-for", "1s")["total"] == 3
                }
                // Orders and deletions are in databases of their own, and are added up.
                let counts = try await sagas(shop, "--group-by", "step,state")["groups"].list
                #expect(
                    counts.map { [$0["state"], $0["reason"], $0["step"], $0["count"]] }
                        == [group("trying", nil, "try:customers", 3)], "\(counts)")
                let table = try await shop.run("saga", "list", "--group-by", "state,step").expect(0).output
                #expect(table.contains("STATE") && table.contains("try:customers") && !table.contains("REASON"))
            }
            try await shop.settle()
            try await shop.order(8, product, wait: 60).expect(200)
            try await shop.settle()
            let refused = try await sagas(shop, "--state", "all", "--reason", "INSUFFICIENT")
            #expect(refused["total"] == 1 && refused["sagas"][0]["reason"] == "insufficient_funds")
            let reasons = try await sagas(shop, "--state", "cancelled", "--group-by", "reason")["groups"].list
            #expect(reasons.contains { $0["reason"] == "insufficient_funds" && $0["state"] == .null }, "\(reasons)")
            for wrong in [["--group-by", "colour"], ["--group-by", "step,step"], ["--step", "vote:customers"]] {
                try await Shopctl.run(["saga", "list"] + wrong, environment: shop.environment).expect(64)
            }
        }

        @Test("Why messages fail is a reason by which sagas are found, counted and asked again")
        func reasons() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(9, 10_000)
            let customers = try #require(shop.databases[.customers])
            try await customers.query(
                """
                CREATE FUNCTION flood() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'the cellar is flooded'; END $$
                """)
            try await customers.query(
                "CREATE TRIGGER flood BEFORE INSERT ON saga_branches FOR EACH ROW EXECUTE FUNCTION flood()")
            let saga = try #require(try await shop.order(9, product).expect(202)["saga_id"].text)
            try await eventually("its message waits to be tried again") {
                try await sagas(shop, "--reason", "Cellar")["total"] == 1
            }
            try await eventually("it is told while the message waits") {
                let found = try await sagas(shop, "--reason", "cellar")["sagas"][0]
                return found["id"].text == saga && found["last_error"].text?.contains("the cellar is flooded") == true
            }
            try await eventually("it is told unasked, also before the saga is stuck") {
                let found = try await sagas(shop)["sagas"].list.first { $0["id"].text == saga }
                return found?["stuck"] == false && found?["last_error"].text?.contains("the cellar is flooded") == true
            }
            let watched = try await Shell.run(
                "\(try Shopctl.program()) saga list -o jsonl --watch | grep -m 1 \(saga)", environment: shop.environment
            ).expect(0).output
            #expect(try JSON(watched.utf8)["last_error"] == .null, "not for a watch, which would look again and again")
            try await eventually("it is counted by it") {
                try await sagas(shop, "--group-by", "reason")["groups"].list.contains {
                    $0["reason"].text?.contains("cellar") == true
                }
            }
            let away = try await shop.run(
                "saga", "list", "--reason", "cellar", environment: ["AMQP_URL": "amqp://shop:secret@127.0.0.1:9/shop"]
            ).expect(3)
            #expect(away.error.contains("not asked: broker: ") && !away.error.contains("secret"), "\(away)")
            try await customers.query("DROP TRIGGER flood ON saga_branches")
            try await shop.run("saga", "retry", "--saga", "order-placement").expect(64)
            let asked = try await shop.run(
                "saga", "retry", "--saga", "order-placement", "--yes", "--reason", "pumped out", "-o", "json"
            ).expect(0)
            #expect(asked.json["sagas"].list.count <= 1)
            try await shop.settle()
        }

        @Test("An undecided order is cancelled with everything that follows, a decided one is refused")
        func cancelling() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(10, 10_000)
            let orders = try #require(shop.databases[.orders])
            try await freezingCustomers(shop) {
                let order = try await hangingOrder(shop, 10, product)
                let (id, saga) = (try #require(order["id"].integer), try #require(order["saga_id"].text))
                try await shop.run("saga", "cancel", "\(id)").expect(64)
                let tried = try await shop.run(
                    "saga", "cancel", "\(id)", "--reason", "the bank is closed", "--dry-run", "-o", "json"
                ).expect(0).json
                #expect(tried["sagas"][0]["outcome"] == "would_be_cancelled" && tried["sagas"][0]["id"].text == saga)
                #expect(try await shop.number(.orders, "SELECT count(*) FROM orders WHERE state = 'pending'") == 1)
                let audited: PostgresQuery = """
                    SELECT count(*) FROM audit_trail
                    WHERE action = \("saga.cancel \(saga)") AND reason = 'the bank is closed' AND actor_role = 'operator'
                        AND user_id = 10 AND subject_id = \(id)
                    """
                #expect(try await shop.number(.orders, audited) == 0)
                let done = try await shop.run(
                    "saga", "cancel", "\(id)", "--reason", "the bank is closed", "-o", "json"
                ).expect(0).json
                #expect(done["sagas"][0]["outcome"] == "cancelled")
                #expect(try await shop.number(.orders, audited) == 1)
                let rows = try await orders.query("SELECT state, reject_code FROM orders WHERE id = \(id)")
                #expect(
                    try rows.decode((String, String).self).first ?? ("", "") == ("rejected", "cancelled_by_operator"))
                let again = try await shop.run("saga", "cancel", saga, "--reason", "again").expect(65)
                #expect(again.error.contains("SHOP-805") && again.error.contains(saga), "\(again)")
                let seen = try await shop.run("saga", "inspect", saga, "-o", "json").expect(0).json
                let hand = seen["timeline"].list.first { $0["event"] == "operator_cancel" }
                #expect(hand?["text"] == "an operator cancelled it: the bank is closed" && hand?["place"] == "operator")
                #expect(seen["saga"]["reason"] == "cancelled_by_operator")
                let sequence = seen["timeline"].list.compactMap { $0["event"].text }
                    .filter { ["operator_cancel", "decided"].contains($0) }
                #expect(sequence == ["operator_cancel", "decided"], "the deed, then what it has caused: \(seen)")
                let shown = try await shop.run("saga", "inspect", saga).expect(0).output
                #expect(shown.contains(" for the report of customers: "), "\(shown)")
                #expect(!shown.contains("awaited"), "the vote of one that is decided: \(shown)")

                // All that a query chooses, two of three.
                for _ in 1...3 { _ = try await hangingOrder(shop, 10, product) }
                let query = ["saga", "cancel", "--step", "try:customers", "--reason", "an outage", "-o", "json"]
                func cancel(_ more: String...) async throws -> CommandResult {
                    try await Shopctl.run(query + more, environment: shop.environment)
                }
                try await cancel().expect(64)
                #expect(try await cancel("--dry-run").expect(0).json["sagas"].list.count == 3)
                let some = try await cancel("--yes", "--limit", "2").expect(0)
                #expect(some.json["sagas"].list.map { $0["outcome"] } == ["cancelled", "cancelled"])
                #expect(some.error.contains("2 of 3"), "\(some)")
                #expect(try await cancel("--dry-run").expect(0).json["sagas"].list.count == 1)
            }
            try await shop.checkInvariants()
            #expect(try await shop.balance(10) == [9_900, 0])
            #expect(try await shop.stock(product) == 9)
        }

        @Test("A saga is drawn, watched, and shown with all others about the same order")
        func pictures() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(12, 10_000)
            let order = try await shop.order(12, product, wait: 60).expect(200)
            let (id, saga) = (try #require(order["id"].integer), try #require(order["saga_id"].text))
            try await shop.settle()
            let buyer = try await shop.token(12)
            try await shop.post("/api/order/\(id)/cancel", token: buyer, body: [:]).expect(202)
            try await shop.settle()
            // By the order and by one of its sagas, the oldest first.
            for name in ["\(id)", saga] {
                let all = try await shop.run("saga", "inspect", name, "--all", "-o", "json").expect(0).json
                #expect(all["sagas"].list.map { $0["saga"]["name"] } == ["order-placement", "order-cancellation"])
                #expect(all["sagas"][0]["saga"]["id"].text == saga)
            }
            let table = try await shop.run("saga", "inspect", "\(id)", "--all").expect(0).output
            #expect(table.contains("order-placement of") && table.contains("order-cancellation of"), "\(table)")
            let mermaid = try await shop.run("saga", "inspect", saga, "--graph", "mermaid").expect(0).output
            #expect(mermaid.hasPrefix("flowchart LR\n") && mermaid.contains("s0_end_customers"), "\(mermaid)")
            let dot = try await shop.run("saga", "inspect", "\(id)", "--all", "--graph", "dot").expect(0).output
            #expect(dot.hasPrefix("digraph sagas {\n") && dot.contains("subgraph cluster_1 {"), "\(dot)")
            try await shop.run("saga", "inspect", saga, "--graph", "dot", "-o", "json").expect(64)
            try await shop.run("saga", "inspect", saga, "--graph", "svg").expect(64)
            let watched = try await Shell.run(
                "\(try Shopctl.program()) saga inspect \(saga) -o jsonl --watch | head -n 2",
                environment: shop.environment
            ).expect(0).output
            #expect(try watched.split(separator: "\n").map { try JSON($0.utf8)["saga"]["id"].text } == [saga, saga])
        }

        @Test("A part is marked as done by hand only where that breaks nothing, and the timeline says so")
        func resolving() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(13, 10_000)
            func resolve(
                _ saga: String, _ participant: String, _ more: String..., environment: [String: String] = [:]
            ) async throws -> CommandResult {
                try await Shopctl.run(
                    ["saga", "resolve", saga, "--participant", participant, "--reason", "its record is lost"] + more,
                    environment: shop.environment.merging(environment) { $1 })
            }
            try await freezingCustomers(shop) {
                let saga = try #require(try await hangingOrder(shop, 13, product)["saga_id"].text)
                let early = try await resolve(saga, "customers", "--yes-i-mean", saga).expect(65)
                #expect(early.error.contains("SHOP-806"), "\(early)")
            }
            try await shop.settle()
            let customers = try #require(shop.databases[.customers])
            try await customers.query(
                """
                CREATE FUNCTION jam() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'jammed'; END $$
                """)
            try await customers.query(
                """
                CREATE TRIGGER jam BEFORE UPDATE ON saga_branches FOR EACH ROW WHEN (NEW.state = 'confirmed')
                EXECUTE FUNCTION jam()
                """)
            try await shop.order(13, product, wait: 60).expect(200)
            let order = try await shop.order(13, product, wait: 60).expect(200)
            let saga = try #require(order["saga_id"].text)
            try await eventually("only customers have not reported") {
                try await shop.run("saga", "inspect", saga, "-o", "json").json["saga"]["waits_for"] == ["customers"]
            }
            for (participant, status, code) in [
                ("customers", Int32(65), "SHOP-808"), ("products", 65, "SHOP-807"), ("reviews", 66, "SHOP-809"),
            ] {
                let refused = try await resolve(saga, participant, "--yes-i-mean", saga).expect(status)
                #expect(refused.error.contains(code) && refused.error.contains(saga), "\(refused)")
            }
            // Nobody can say what became of it.
            let lost = ["SHOPCTL_CUSTOMERS_DATABASE_URL": "postgres://shop:secret@127.0.0.1:9/x"]
            try await resolvingMany(shop, lost)
            try await resolve(saga, "customers", "--dry-run", environment: lost).expect(0)
            let untyped = try await resolve(saga, "customers", environment: lost).expect(64)
            #expect(untyped.error.contains("--yes-i-mean \(saga)"), "\(untyped)")
            try await resolve(saga, "customers", "--yes-i-mean", UUID().uuidString, environment: lost).expect(64)
            try await resolve(
                saga, "customers", "--yes-i-mean", saga,
                environment: [
                    "SHOPCTL_CUSTOMERS_DATABASE_URL": ""
                ]
            ).expect(78)
            let done = try await resolve(saga, "customers", "--yes-i-mean", saga, "-o", "json", environment: lost)
                .expect(0)
            #expect(done.json["state"] == "confirmed" && done.json["evidence"] == "unknown", "\(done)")
            #expect(done.error.contains("no evidence") && !done.error.contains("secret"), "\(done)")
            #expect(try await resolve(saga, "customers", "--yes-i-mean", saga).expect(65).error.contains("SHOP-802"))
            let seen = try await shop.run("saga", "inspect", saga, "-o", "json").expect(0).json
            let hand = seen["timeline"].list.first { $0["event"] == "operator_resolve" }
            #expect(hand?["text"].text?.hasSuffix("as carried out: its record is lost") == true, "\(seen["timeline"])")
            #expect(seen["timeline"].list.contains { $0["text"].text?.contains("without a report") == true })
            #expect(seen["summary"].text?.contains("an operator said that it is carried out by customers") == true)
            let parts = seen["participants"].list
            #expect(parts.map { $0["name"] } == ["customers", "products"], "\(parts)")
            #expect(parts.map { $0["resolved_by_operator"] } == [true, false], "\(parts)")
            let deed = seen["timeline"].list.first { $0["event"] == "confirmed" && $0["place"] == "products" }
            #expect(parts.map { $0["carried_out_at"] } == [.null, deed?["at"]], "\(parts)")
            let inspected = try await shop.run("saga", "inspect", saga).expect(0).output
            #expect(inspected.contains("by an operator's word +"), "\(inspected)")
            let trail = try await shop.run("audit", "list", "--user", "13", "-o", "json").expect(0).json
            #expect(trail["entries"][0]["action"].text == "saga.resolve \(saga)")
            #expect(trail["entries"][0]["reason"] == "its record is lost")
            // The message is tried again, and is no news to anybody but the participant.
            try await customers.query("DROP TRIGGER jam ON saga_branches")
            try await shop.checkInvariants()
        }

        /// Resolves the older of two sagas by a query, that of the latest order stays.
        ///
        /// - Parameter lost: The surroundings in which nobody knows what became of the parts.
        private func resolvingMany(_ shop: Shop, _ lost: [String: String]) async throws {
            let query = ["--step", "confirm:customers", "--participant", "customers", "--reason", "lost"]
            func resolve(_ more: String..., environment: [String: String] = [:]) async throws -> CommandResult {
                try await Shopctl.run(
                    ["saga", "resolve"] + query + more, environment: shop.environment.merging(environment) { $1 })
            }
            try await eventually("both wait for customers alone") {
                let others = try await sagas(shop, "--step", "confirm:products")["total"]
                return try await sagas(shop, "--step", "confirm:customers")["total"] == 2 && others == 0
            }
            let refused = try await resolve("--yes-i-mean", "customers:2", "-o", "json").expect(3)
            #expect(refused.json["sagas"].list.map { $0["outcome"] } == ["refused", "refused"], "\(refused)")
            #expect(
                refused.json["sagas"][0]["outcome_detail"].text?.contains("its part is tried") == true, "\(refused)")
            let dry = try await resolve("--dry-run", "-o", "json", environment: lost).expect(0)
            let would = JSON.text("would_be_resolved")
            #expect(dry.json["sagas"].list.map { $0["outcome"] } == [would, would], "\(dry)")
            let untyped = try await resolve(environment: lost).expect(64)
            #expect(untyped.error.contains("type customers:2") && untyped.error.contains(" --dry-run"), "\(untyped)")
            try await resolve("--yes-i-mean", "customers:1", environment: lost).expect(64)
            try await resolve("--step", "confirm:products", environment: lost).expect(64)
            let line = (["saga", "resolve"] + query + ["--limit", "1"]).joined(separator: " ")
            let typed = try await Shell.run(
                "echo customers:1 | script -qec '\(try Shopctl.program()) \(line)' /dev/null",
                environment: shop.environment.merging(lost) { $1 }
            ).expect(0)
            #expect(typed.output.contains("type customers:1: ") && typed.output.contains("resolved: "), "\(typed)")
            #expect(typed.output.contains("1 of 2"), "\(typed)")
            #expect(try await sagas(shop, "--step", "confirm:customers")["total"] == 1)
        }

        @Test("What cancels an order, or deletes a product, is called off, and the order and the product stay")
        func cancellingOthers() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            let unwanted = try await shop.sell(price: 1, amount: 1)
            try await shop.topUp(11, 10_000)
            let id = try #require(try await shop.order(11, product, wait: 60).expect(200)["id"].integer)
            try await shop.settle()
            try await freezingCustomers(shop) {
                try await shop.post("/api/order/\(id)/cancel", token: try await shop.token(11), body: [:]).expect(202)
                try await shop.run("saga", "cancel", "\(id)", "--reason", "too late for that").expect(0)
                #expect(
                    try await shop.number(
                        .orders,
                        """
                        SELECT count(*) FROM orders
                        WHERE id = \(id) AND state = 'confirmed' AND cancellation_code = 'cancelled_by_operator'
                        """) == 1)
                try await shop.delete("/api/products/\(unwanted)", token: try await shop.token(900)).expect(200)
                try await shop.get("/api/products/\(unwanted)").expect(404)
                try await shop.run("saga", "cancel", "product:\(unwanted)", "--reason", "sold after all").expect(0)
                try await shop.get("/api/products/\(unwanted)").expect(200)
            }
            try await shop.checkInvariants()
            let trail = try await shop.run("audit", "list", "--user", "900", "-o", "json").expect(0).json
            #expect(trail["entries"].list.contains { $0["reason"] == "sold after all" })
        }
    }
}
