import FoundationEssentials
import Hosting
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// Rows that a saga is made of, and that are lost: every command leads to the way out.
    @Suite(.inTurn, .serialized) struct LostRecordTests {
        /// Places an order whose money stays held: the customers' record of their part is gone before they confirm.
        private func loseBranch(_ shop: Shop, _ user: Int64) async throws -> (order: Int64, saga: String) {
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(user, 10_000)
            let customers = try #require(shop.databases[.customers])
            try await customers.query(
                "CREATE FUNCTION jam() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'jammed'; END $$")
            try await customers.query(
                """
                CREATE TRIGGER jam BEFORE UPDATE ON saga_branches FOR EACH ROW WHEN (NEW.state = 'confirmed')
                EXECUTE FUNCTION jam()
                """)
            let order = try await shop.order(user, product, wait: 60).expect(200)
            let (id, saga) = (try #require(order["id"].integer), try #require(order["saga_id"].text))
            try await eventually("only customers have not reported") {
                try await shop.run("saga", "inspect", saga, "-o", "json").json["saga"]["waits_for"] == ["customers"]
            }
            try await customers.query("DELETE FROM saga_branches WHERE saga_id = \(saga)::text::uuid")
            try await customers.query("DROP TRIGGER jam ON saga_branches")
            try await customers.query("DROP FUNCTION jam()")
            try await eventually("customers have given up on the confirm") {
                try await shop.run("queue", "peek", "customers", "-o", "json").expect(0).json["dead_letters"].list
                    .contains { $0["saga_id"].text == saga }
            }
            return (id, saga)
        }

        @Test(
            "What a lost record held is captured by the doctor, once, whether the saga was resolved by hand or not",
            arguments: [false, true])
        func recovered(isResolved: Bool) async throws {
            try await withShop(.oneProcess) { shop in
                let (order, saga) = try await loseBranch(shop, 7)
                if isResolved {
                    try await shop.run(
                        "saga", "resolve", saga, "--participant", "customers", "--reason", "a test's", "--yes-i-mean",
                        saga
                    ).expect(0)
                }
                func doctor(_ arguments: String..., expecting status: Int32) async throws -> JSON {
                    try await Shopctl.run(["doctor", "-o", "json"] + arguments, environment: shop.environment)
                        .expect(status).json
                }
                func part(_ told: JSON) -> JSON {
                    told["findings"].list.first { $0["kind"] == "part_lost" } ?? .null
                }
                let captures: PostgresQuery =
                    "SELECT count(*) FROM ledger_transactions WHERE kind = 'capture' AND order_id = \(order)"
                let dry = try await doctor("--fix", "--dry-run", expecting: 2)
                #expect(part(dry)["fixable"] == true && part(dry)["next"] == "shopctl doctor --fix", "\(dry)")
                #expect(part(dry)["evidence"][0].text?.contains(saga) == true, "\(dry)")
                #expect(try await shop.number(.customers, captures) == 0)
                // Letters about it are dead still.
                let fixed = try await doctor("--fix", "--reason", "a test's", expecting: 2)
                #expect(part(fixed)["fixed"] == true, "\(fixed)")
                #expect(try await shop.number(.customers, captures) == 1)
                let held: PostgresQuery = "SELECT balance FROM accounts WHERE user_id = 7 AND kind = 'held'"
                #expect(try await shop.number(.customers, held) == 0)

                // Its part is final: what is awaited is its report alone.
                let seen = try await shop.run("saga", "inspect", saga, "-o", "json").expect(0).json
                #expect(!seen["next"].list.contains { $0["command"].text?.contains("replay") == true }, "\(seen)")
                let events = lines(seen["timeline"])
                let ranks = ["customers tried", "orders decided", "operator operator_fix"].map {
                    events.firstIndex(of: $0) ?? -1
                }
                #expect(ranks == ranks.sorted() && ranks[0] >= 0, "\(events)")
                let story = try await shop.run("order", "story", "\(order)", "-o", "json").expect(0).json
                #expect(lines(story["events"]).contains("operator operator_fix"), "\(story["events"])")

                // It may have ended already.
                if !isResolved { _ = try await shop.run("saga", "retry", saga) }
                try await eventually("the saga ends by itself") {
                    try await shop.run("saga", "inspect", saga, "-o", "json").json["saga"]["state"] == "confirmed"
                }
                try await shop.run("queue", "drop", "customers", "--all", "--yes", "--reason", "a test's").expect(0)
                try await eventually("the shop is well") {
                    try await shop.run("doctor", "-o", "json").json["findings"].list == []
                }
                #expect(try await shop.number(.customers, captures) == 1)
                let trail = try await shop.run("audit", "list", "--user", "7", "-o", "json").expect(0).json
                let line = trail["entries"].list.first { $0["action"].text == "doctor.fix carry out saga \(saga)" }
                #expect(line?["reason"] == "a test's" && line?["role"] == "customers", "\(trail)")
            }
        }

        /// An order that is confirmed and carried out by everyone, and its saga.
        private func settledOrder(in shop: Shop) async throws -> (id: Int64, saga: String) {
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 10_000)
            let order = try await shop.order(7, product, wait: 60).expect(200)
            let (id, saga) = (try #require(order["id"].integer), try #require(order["saga_id"].text))
            try await shop.settle()
            return (id, saga)
        }

        /// Events by their places and words.
        private func lines(_ events: JSON) -> [String] {
            events.list.map { "\($0["place"].text ?? "") \($0["event"].text ?? "")" }
        }

        @Test("Lost records of a saga that is over are written anew by the doctor, with the times that are proven")
        func restored() async throws {
            try await withShop(.oneProcess) { shop in
                let (id, saga) = try await settledOrder(in: shop)
                for role in [Role.customers, .products] {
                    let database = try #require(shop.databases[role])
                    try await database.query("DELETE FROM saga_branches WHERE saga_id = \(saga)::text::uuid")
                }
                func inspect() async throws -> JSON {
                    try await shop.run("saga", "inspect", saga, "-o", "json").expect(0).json
                }
                let over = "over: confirmed, and carried out by everyone"
                let seen = try await inspect()
                #expect(seen["summary"].text == over + "; the record of customers and products is lost")
                #expect(seen["next"].list.map { $0["command"] } == ["shopctl doctor --fix --dry-run"], "\(seen)")
                let found = try await shop.run("doctor", "-o", "json").expect(2).json["findings"].list
                #expect(found.map { $0["kind"] } == ["part_lost", "part_lost"], "\(found)")
                #expect(found.allSatisfy { $0["fixable"] == true }, "\(found)")
                let words = try await shop.run("doctor").expect(2).output
                #expect(words.contains("1 accepted part has no record any more; what was done is there"), "\(words)")

                _ = try await shop.run("doctor", "--fix", "--reason", "a test's")
                #expect(try await shop.run("doctor", "-o", "json").expect(0).json["findings"].list == [])
                let told = try await inspect()
                #expect(told["summary"].text == over && told["next"].list == [], "\(told)")
                let events = lines(told["timeline"])
                let ranks = [
                    "customers tried", "customers vote_sent", "orders decided", "customers confirmed",
                    "orders finished", "operator operator_fix",
                ].map { events.firstIndex(of: $0) ?? -1 }
                #expect(ranks == ranks.sorted() && ranks[0] >= 0, "\(events)")
                #expect(events.filter { $0 == "operator operator_fix" }.count == 2, "\(events)")
                let story = try await shop.run("order", "story", "\(id)", "-o", "json").expect(0).json
                #expect(lines(story["events"]).contains("operator operator_fix"), "\(story["events"])")
                // Nothing was booked or taken a second time.
                try await shop.checkInvariants()
            }
        }

        @Test("A buyer who was not told, an event having reached nobody: doctor and story name the command that helps")
        func untold() async throws {
            try await withShop(.oneProcess) { shop in
                let product = try await shop.sell(price: 100, amount: 10)
                try await shop.topUp(7, 10_000)
                let id = try #require(try await shop.order(7, product, wait: 60).expect(200)["id"].integer)
                let notices: PostgresQuery =
                    "SELECT count(*) FROM notifications WHERE kind = 'order_confirmed' AND order_id = \(id)"
                try await eventually("the buyer is told") { try await shop.number(.customers, notices) == 1 }
                try await shop.settle()
                let orders = try #require(shop.databases[.orders])
                try await orders.query(
                    """
                    UPDATE orders SET created_at = created_at - interval '1 hour',
                        decided_at = decided_at - interval '1 hour' WHERE id = \(id)
                    """)
                #expect(try await shop.run("doctor", "-o", "json").expect(0).json["findings"].list == [])

                let customers = try #require(shop.databases[.customers])
                try await customers.query("DELETE FROM notifications WHERE order_id = \(id)")
                try await customers.query("DELETE FROM inbox")
                let found = try await shop.run("doctor", "-o", "json").expect(2).json["findings"].list
                #expect(found.map { $0["kind"] } == ["order_untold"], "\(found)")
                #expect(found.first?["evidence"][0].text?.hasPrefix("order \(id), confirmed at ") == true, "\(found)")
                let next = try #require(found.first?["next"].text)
                #expect(next.hasPrefix("shopctl outbox replay --service orders --type order.confirmed --since "))
                let story = try await shop.run("order", "story", "\(id)", "-o", "json").expect(0).json
                #expect(story["next"].list.map { $0["command"].text } == [next], "\(story["next"])")

                try await Shell.run(
                    "shopctl() { \"\(try Shopctl.program())\" \"$@\"; }; \(next)", environment: shop.environment
                ).expect(0)
                try await eventually("the buyer is told again") { try await shop.number(.customers, notices) == 1 }
                #expect(try await shop.run("doctor", "-o", "json").expect(0).json["findings"].list == [])
            }
        }

        @Test("A coordinator's lost record: the doctor leads to the order, whose story and saga say what is lost")
        func orphaned() async throws {
            try await withShop(.oneProcess) { shop in
                let (id, saga) = try await settledOrder(in: shop)
                let orders = try #require(shop.databases[.orders])
                try await orders.query("DELETE FROM sagas WHERE id = \(saga)::text::uuid")

                let seen = try await shop.run("doctor", "-o", "json").expect(2).json
                let story = "shopctl order story \(id)"
                for kind in ["saga_lost", "branch_without_saga"] {
                    let findings = seen["findings"].list.filter { $0["kind"].text == kind }
                    #expect(!findings.isEmpty && findings.allSatisfy { $0["next"].text == story }, "\(kind): \(seen)")
                    let evidence = findings.compactMap { $0["evidence"][0].text }
                    #expect(evidence.allSatisfy { $0.contains("order \(id)") && $0.contains(saga) }, "\(evidence)")
                }
                for name in ["\(id)", saga] {
                    let told = try await shop.run("saga", "inspect", name).expect(66).error
                    for part in [
                        "orders has lost its record of this saga", "its own record at customers: confirmed, since ",
                        "its own record at products: confirmed, since ", "hint: \(story)\n", saga,
                    ] { #expect(told.contains(part), "\(part): \(told)") }
                }
                let told = try await shop.run("order", "story", "\(id)", "-o", "json").expect(0).json
                #expect(told["next"].list.map { $0["command"] } == ["shopctl doctor"], "\(told["next"])")
                #expect(told["lost_saga_ids"].list == [.text(saga)], "\(told["lost_saga_ids"])")
                let parts = told["events"].list.filter { $0["event"] == "part_recorded" }
                #expect(Set(parts.compactMap { $0["place"].text }) == ["customers", "products"], "\(told["events"])")
                let table = try await shop.run("order", "story", "\(id)").expect(0).output
                #expect(table.contains("lost: orders has no record of saga \(saga)\n"), "\(table)")
                // Nobody has it, and nobody ever had.
                let never = try await shop.run("saga", "inspect", UUID().uuidString).expect(66).error
                #expect(never.contains("there is no saga") && !never.contains("lost"), "\(never)")
            }
        }

        @Test("A participant's lost record: letters lead to the saga, and the saga to the command that ends it")
        func resolved() async throws {
            try await withShop(.oneProcess) { shop in
                let (_, saga) = try await loseBranch(shop, 7)
                let resolve = "shopctl saga resolve \(saga) --participant customers --reason 'its record is lost'"
                let letters = try await shop.run("queue", "peek", "customers").expect(0).output
                #expect(letters.contains("next: shopctl saga inspect \(saga)\n"), "\(letters)")
                let again = try await shop.run("queue", "replay", "customers").expect(3)
                #expect(again.error.contains("hint: shopctl saga inspect \(saga)\n"), "\(again)")
                let seen = try await shop.run("saga", "inspect", saga, "-o", "json").expect(0).json
                #expect(seen["awaited"].list.map { $0["hold_up"] } == ["record_lost"], "\(seen["awaited"])")
                let commands = seen["next"].list.compactMap { $0["command"].text }
                #expect(commands.contains("\(resolve) --dry-run"), "\(commands)")
                #expect(!commands.contains { $0.contains("queue replay") }, "\(commands)")

                func paste(_ line: String) async throws -> CommandResult {
                    try await Shell.run(
                        "shopctl() { \"\(try Shopctl.program())\" \"$@\"; }; \(line)", environment: shop.environment)
                }
                let dry = try await paste("\(resolve) --dry-run").expect(0).output
                let typed = "\(resolve) --yes-i-mean \(saga)"
                #expect(dry.contains("next: \(typed)\n"), "\(dry)")
                let untyped = try await paste(resolve).expect(64)
                #expect(untyped.error.contains("hint: \(typed)\n"), "\(untyped)")
                try await paste(typed).expect(0)
                let over = try await shop.run("saga", "inspect", saga, "-o", "json").expect(0).json
                let end = over["next"].list.map { $0["command"] }
                #expect(over["saga"]["state"] == "confirmed" && end == ["shopctl doctor --fix --dry-run"], "\(end)")
            }
        }
    }
}
