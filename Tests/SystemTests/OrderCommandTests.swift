import FoundationEssentials
import Hosting
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// What an operator does with orders: list them, call them off, follow one to its end.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct OrderCommandTests {
        @Test("Orders are listed by buyer, state and time, page by page, in every order, also while no server runs")
        func list() async throws {
            let shop = try Shop.current
            let cheap = try await shop.sell(price: 100, amount: 100)
            let dear = try await shop.sell(price: 900, amount: 1)
            try await shop.topUp(11, 10_000)
            var ids: [Int64] = []
            for product in [cheap, dear, cheap, dear, cheap] {
                let order = try await shop.order(11, product, quantity: 1, wait: 60).expect(200)
                ids.append(try #require(order["id"].integer))
            }
            try await shop.settle()
            // Only a database is asked.
            let alone = ["SHOPCTL_ORDERS_ADDRESS": "127.0.0.1:9", "AMQP_URL": ""]
            func list(_ arguments: String...) async throws -> JSON {
                try await Shopctl.run(
                    ["order", "list", "--buyer", "11", "-o", "json"] + arguments,
                    environment: shop.environment.merging(alone) { $1 }
                ).expect(0).json
            }
            func told(_ list: JSON) -> [Int64] { list["orders"].list.compactMap { $0["id"].integer } }
            let all = try await list()
            #expect(told(all) == ids.reversed() && all["total"] == 5 && all["next_cursor"] == .null)
            let confirmed = try await list("--state", "confirmed")
            #expect(told(confirmed) == [ids[4], ids[2], ids[1], ids[0]])
            let rejected = try await list("--state", "rejected")
            #expect(told(rejected) == [ids[3]] && rejected["orders"][0]["reason"] == "out_of_stock")
            #expect(told(try await list("--state", "open")) == [])
            #expect(told(try await list("--since", "1h", "--sort", "id")) == ids)
            #expect(try await list("--until", "1h")["total"] == 0)
            for (sort, expected) in [
                ("-id", ids.reversed()), ("price", [ids[0], ids[2], ids[4], ids[1], ids[3]]),
                ("-price", [ids[3], ids[1], ids[4], ids[2], ids[0]]),
            ] {
                var pages: [Int64] = []
                var cursor: String?
                repeat {
                    let page = try await list(
                        "--sort=\(sort)", "--limit", "2", cursor.map { "--cursor=\($0)" } ?? "--no-headers")
                    #expect(page["total"] == 5)
                    pages += told(page)
                    cursor = page["next_cursor"].text
                } while cursor != nil && pages.count < 100
                #expect(pages == expected, "\(sort)")
            }
            let cut = try await shop.run("order", "list", "--user", "11", "--limit", "2").expect(0)
            #expect(cut.error.hasPrefix("2 of 5; the next page: --cursor "), "\(cut)")
            #expect(cut.output.contains("9.00 RUB") && cut.output.contains("rejected"), "\(cut)")
            try await shop.run("order", "list", "--buyer", "0").expect(64)
            try await shop.run("order", "list", "--cursor", "nonsense").expect(64)
            let nowhere = "postgres://shop:secret@127.0.0.1:9/x"
            let away = try await shop.run("order", "list", environment: ["SHOPCTL_ORDERS_DATABASE_URL": nowhere])
                .expect(69)
            #expect(away.output == "" && !away.error.contains("secret"))
        }

        @Test("A confirmed order is called off: checked first, awaited, with the reason in the audit trail")
        func cancel() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10, seller: 912)
            try await shop.topUp(12, 1_000)
            let id = try #require(try await shop.order(12, product, quantity: 3, wait: 60).expect(200)["id"].integer)
            try await shop.settle()
            let cancel = ["order", "cancel", "\(id)", "--reason", "asked by telephone", "-o", "json"]
            let dry = try await Shopctl.run(cancel + ["--dry-run"], environment: shop.environment).expect(0)
            #expect(
                dry.json["orders"][0]["outcome"] == "would_cancel" && dry.json["orders"][0]["state"] == "cancelling")
            #expect(dry.json["orders"][0]["cancellation_saga_id"] == .null, "there is no such saga")
            #expect(try await shop.run("order", "show", "\(id)", "-o", "json").json["state"] == "confirmed")
            #expect(try await shop.stock(product) == 7)
            #expect(try await audit(shop, 12) == [], "a check leaves no trace")
            let done = try await Shopctl.run(cancel + ["--wait=60"], environment: shop.environment).expect(0)
            #expect(done.json["orders"][0]["outcome"] == "cancelled" && done.error == "", "\(done)")
            #expect(try JSONSchema(name: "order-cancel").faults(in: done.json) == [])
            try await shop.settle()
            #expect(try await shop.stock(product) == 10)
            #expect(try await shop.balance(12) == [1_000, 0])
            #expect(try await audit(shop, 12) == ["order.cancel: asked by telephone"])
            let listed = try await shop.run("order", "list", "--buyer", "12", "-o", "json").expect(0).json["orders"][0]
            #expect(listed["called_off_because"] == "asked by telephone", "\(listed)")
            #expect(listed["cancellation_reason"] == .null, "\(listed)")
            let table = try await shop.run("order", "list", "--buyer", "12").expect(0).output
            #expect(table.contains("asked by telephone"), "\(table)")
            let story = try await shop.run("order", "story", "\(id)", "-o", "json").expect(0).json["events"].list
            let moves = story.compactMap { $0["text"].text }.filter { $0.contains("3 of product \(product)") }
            #expect(
                moves.suffix(3) == [
                    "set 3 of product \(product) aside", "took 3 of product \(product) out of stock",
                    "put 3 of product \(product) back in stock",
                ], "\(moves)")
            // The same rule for a dry run and the deed: it is over.
            for flag in ["--dry-run", "--quiet"] {
                let again = try await Shopctl.run(cancel + [flag], environment: shop.environment).expect(65)
                #expect(again.output == "" && again.error.contains("SHOP-822"), "\(again)")
            }
            let missing = try await shop.run("order", "cancel", "999999", "--reason", "x").expect(66)
            #expect(missing.error.contains("SHOP-821") && missing.error.contains("order 999999"), "\(missing)")
            try await shop.run("order", "cancel", "\(id)").expect(64)
            try await shop.run("order", "cancel", "\(id)", "--reason", " ").expect(64)
            try await shop.run("order", "cancel", "\(id)", "\(id)", "--reason", "x").expect(64)
            try await shop.run("order", "cancel", "\(id)", "--reason", "a\u{7}b").expect(64)
        }

        @Test("An order is checked before it is placed: by the same rules, with nothing written and no key taken")
        func rehearsed() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 5, seller: 916)
            try await shop.topUp(16, 250)
            func place(_ more: String...) async throws -> CommandResult {
                try await Shopctl.run(
                    ["order", "place", "--user", "16", "-o", "json"] + more, environment: shop.environment)
            }
            let written: PostgresQuery = """
                SELECT (SELECT count(*) FROM orders WHERE user_id = 16)
                    + (SELECT count(*) FROM idempotency_keys WHERE user_id = 16)
                    + (SELECT count(*) FROM sagas WHERE payload ->> 'buyer_id' = '16')
                """
            let key = "by-telephone-16"
            let dry = try await place("--item", "\(product):2", "--idempotency-key", key, "--dry-run").expect(0).json
            #expect(try JSONSchema(name: "order").faults(in: dry) == [])
            #expect(
                dry["dry_run"] == true && dry["replayed"] == false && dry["foreseen_refusals"] == .list([]), "\(dry)")
            #expect(dry["id"] == .null && dry["saga_id"] == .null && dry["created_at"] == .null, "\(dry)")
            #expect(
                dry["state"] == "pending" && dry["price"] == 200 && dry["products"][0]["product_price"] == 100, "\(dry)"
            )
            let told = try await shop.run("order", "place", "--user", "16", "--item", "\(product):2", "--dry-run")
                .expect(0).output
            #expect(told.contains("would be accepted; nothing was done") && told.contains("would do now"), "\(told)")

            // What its saga would say is told, and is no refusal of the check.
            func foreseen(_ item: String) async throws -> [String] {
                try await place("--item", item, "--dry-run").expect(0).json["foreseen_refusals"].list
                    .compactMap { $0["reason"].text }
            }
            #expect(try await foreseen("\(product):9") == ["out_of_stock", "insufficient_funds"])
            #expect(try await foreseen("\(product):1@90") == ["price_changed"])
            let nowhere = try await Shopctl.run(
                ["order", "place", "--user", "16", "--item", "\(product):1", "--dry-run", "-o", "json"],
                environment: shop.environment.merging(["SHOPCTL_CUSTOMERS_ADDRESS": "127.0.0.1:9"]) { $1 }
            ).expect(0)
            #expect(nowhere.json["foreseen_refusals"] == .null, "\(nowhere)")
            #expect(nowhere.error.contains("could not be asked"), "\(nowhere)")
            #expect(try await shop.number(.orders, written) == 0)
            #expect(try await shop.stock(product) == 5)
            #expect(try await shop.balance(16) == [250, 0])
            #expect(try await audit(shop, 16) == [], "a check leaves no trace")

            let placed = try await place(
                "--item", "\(product):2", "--idempotency-key", key, "--reason", "asked by telephone", "--wait=60"
            ).expect(0).json
            #expect(placed["dry_run"] == false && placed["state"] == "confirmed", "\(placed)")
            #expect(try await audit(shop, 16) == ["order.place: asked by telephone"])
            let again = try await place("--item", "\(product):2", "--idempotency-key", key, "--dry-run").expect(0).json
            #expect(again["dry_run"] == true && again["replayed"] == true && again["id"] == placed["id"], "\(again)")
            // What placing refuses is refused in the same words: a product that is not there, a key of another basket.
            for refused in [["--item", "999999:1"], ["--item", "\(product):1", "--idempotency-key", key]] {
                let arguments = ["order", "place", "--user", "16", "-o", "json"] + refused
                let deed = try await Shopctl.run(arguments, environment: shop.environment)
                let check = try await Shopctl.run(arguments + ["--dry-run"], environment: shop.environment)
                #expect(check.status == deed.status && deed.status != 0, "\(deed) \(check)")
                let errors = (try JSON(deed.error.utf8)["error"], try JSON(check.error.utf8)["error"])
                #expect(errors.0 == errors.1 && errors.0["message"] != .null, "\(errors)")
            }
            #expect(try await shop.number(.orders, written) == 3)
            try await shop.settle()
        }

        private func audit(_ shop: Shop, _ user: Int64) async throws -> [String] {
            try await shop.run("audit", "list", "--user", "\(user)", "-o", "json").expect(0).json["entries"].list
                .filter { $0["action"].text?.hasPrefix("order.") == true }
                .map { "\($0["action"].text ?? ""): \($0["reason"].text ?? "")" }
        }

        @Test("Of several orders each is called off or not; one that its seller cannot pay back stands")
        func several() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10, seller: 913)
            let other = try await shop.sell(price: 100, amount: 10, seller: 914)
            try await shop.topUp(13, 1_000)
            var ids: [Int64] = []
            for item in [product, other] {
                ids.append(try #require(try await shop.order(13, item, wait: 60).expect(200)["id"].integer))
            }
            try await shop.settle()
            // The seller has spent it.
            let spent = try #require(try await shop.order(913, other, wait: 60).expect(200)["id"].integer)
            try await shop.settle()
            let mixed = try await shop.run(
                "order", "cancel", "999999", "\(ids[1])", "--reason", "recalled", "--wait=60", "-o", "json"
            ).expect(3)
            #expect(mixed.json["orders"].list.map { $0["outcome"] } == ["failed", "cancelled"], "\(mixed)")
            #expect(try JSONSchema(name: "order-cancel").faults(in: mixed.json) == [])
            let (failed, cancelled) = (mixed.json["orders"][0], mixed.json["orders"][1])
            #expect(failed["error"]["code"].text?.hasPrefix("SHOP-") == true, "\(mixed)")
            #expect(cancelled["price"] == 100 && cancelled["error"] == .null, "\(mixed)")
            let gone = try await shop.run("order", "show", "\(ids[1])", "-o", "json").expect(0).json
            #expect(gone["state"] == "cancelled" && gone["cancelled_at"] != .null, "\(gone)")
            let refused = try await shop.run(
                "order", "cancel", "\(ids[0])", "--reason", "recalled", "--wait=60", "-o", "json"
            ).expect(2)
            #expect(refused.json["orders"][0]["outcome"] == "refused", "\(refused)")
            #expect(refused.json["orders"][0]["cancellation_reason"] == "seller_funds_missing", "\(refused)")
            let listed = try await shop.run("order", "list", "--buyer", "13", "-o", "json").expect(0).json
            #expect(listed["orders"].list.last?["cancellation_reason"] == "seller_funds_missing")
            let standing = try await shop.run("order", "show", "\(ids[0])", "-o", "json").expect(0).json
            #expect(standing["cancellation_reason"] == "seller_funds_missing", "\(standing)")
            #expect(standing["cancellation_saga_id"] != .null && standing["cancelled_at"] == .null, "\(standing)")
            let story = try await shop.run("order", "story", "\(ids[0])", "-o", "json").expect(0).json
            let told = standing.names.subtracting(["schema_version"])
            #expect(story["order"].names == told && told.allSatisfy { story["order"][$0] == standing[$0] }, "\(story)")
            // What gave the seller's money away is called off too, and then there is enough again.
            try await shop.run("order", "cancel", "\(spent)", "--reason", "x", "--wait=60").expect(0)
            try await shop.settle()
            try await shop.run("order", "cancel", "\(ids[0])", "--reason", "x", "--wait=60").expect(0)
            try await shop.checkInvariants()
        }

        @Test("An order is followed to its end, each step once; a pending one is called off meanwhile")
        func watch() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(14, 10_000)
            let customers = try #require(shop.databases[.customers])
            func watch(_ id: Int64, _ status: Int32) async throws -> [JSON] {
                let result = try await shop.run("order", "watch", "\(id)", "-o", "jsonl", "--timeout", "90s")
                    .expect(status)
                return try result.output.split(separator: "\n").map { try JSON($0.utf8) }
            }
            // While nobody takes part the order is pending, and the watch goes on.
            let id = try await customers.transaction { transaction in
                try await transaction.query("LOCK TABLE saga_branches IN EXCLUSIVE MODE")
                let id = try #require(try await shop.order(14, product).expect(202)["id"].integer)
                let timeout = try await shop.run("order", "watch", "\(id)", "--timeout", "3s").expect(75)
                #expect(timeout.output.contains("user 14 placed it"), "\(timeout)")
                #expect(!timeout.output.contains("DECIDED"), "\(timeout)")
                return id
            }
            try await shop.settle()
            let steps = try await watch(id, 0)
            let names = steps.compactMap { $0["event"].text }
            for name in ["placed", "started", "vote_recorded", "decided", "finished", "ledger_capture"] {
                #expect(names.contains(name), "\(name): \(names)")
            }
            #expect(try steps.allSatisfy { try JSONSchema(name: "order-step").faults(in: $0) == [] })
            #expect(Set(steps.map { "\($0)" }).count == steps.count, "a step was told twice")

            let rejected = try #require(try await shop.order(14, product, quantity: 11).expect(202)["id"].integer)
            #expect(try await watch(rejected, 2).contains { $0["event"] == "decided" })
            let whole = try await shop.run("order", "watch", "\(rejected)", "-o", "json").expect(2)
            #expect(try JSONSchema(name: "order-story").faults(in: whole.json) == [])
            try await shop.run("order", "watch", "999999").expect(66)
            try await calledOff(shop, product)
        }

        /// A watch that began while the order was pending tells that it was called off.
        private func calledOff(_ shop: Shop, _ product: Int64) async throws {
            let customers = try #require(shop.databases[.customers])
            let (id, watched) = try await customers.transaction { transaction in
                try await transaction.query("LOCK TABLE saga_branches IN EXCLUSIVE MODE")
                let id = try #require(try await shop.order(14, product).expect(202)["id"].integer)
                let watched = Task {
                    try await shop.run("order", "watch", "\(id)", "--timeout", "90s")
                }
                let cancelled = try await shop.run(
                    "order", "cancel", "\(id)", "--reason", "too late", "--wait", "-o", "json"
                ).expect(0)
                #expect(cancelled.json["orders"][0]["state"] == "rejected", "\(cancelled)")
                return (id, watched)
            }
            let result = try await watched.value.expect(0)
            #expect(result.output.contains("DECIDED: cancel (cancelled_by_operator"), "\(result)")
            #expect(try await audit(shop, 14).first == "order.cancel: too late")
            // In every view of it, so that nobody takes it for the customer's own deed.
            let reason: JSON = "cancelled_by_operator"
            let shown = try await shop.run("order", "show", "\(id)", "-o", "json").expect(0).json
            #expect(
                shown["reason"] == reason && shown["reason_detail"].text?.contains("by the shop") == true, "\(shown)")
            let story = try await shop.run("order", "story", "\(id)", "-o", "json").expect(0).json
            #expect(story["order"]["reason"] == reason, "\(story)")
            let listed = try await shop.run("order", "list", "--buyer", "14", "-o", "json").expect(0).json["orders"]
            let line = try #require(listed.list.first { $0["id"].integer == id }, "\(listed)")
            #expect(line["reason"] == reason && line["called_off_because"] == "too late", "\(line)")
            let saga = try await shop.run("saga", "inspect", "\(id)").expect(0).output
            #expect(saga.contains("cancelled_by_operator") && !saga.contains("cancelled_by_user"), "\(saga)")
        }
    }
}
