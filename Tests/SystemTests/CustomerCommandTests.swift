import FoundationEssentials
import Hosting
import TestSupport
import Testing

extension SystemTests {
    /// Customers' money and carts, and reviews, from the command line.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct CustomerCommandTests {
        @Test("A top-up is booked once per key, with its reason in the trail, and shown by statement and balance")
        func money() async throws {
            let shop = try Shop.current
            let topUp = [
                "customer", "top-up", "31", "--amount", "1000", "--reason", "a voucher", "--idempotency-key", "k31",
            ]
            let dry = try await Shopctl.run(
                topUp + ["--dry-run", "-o", "json"], environment: shop.environment
            ).expect(0).json
            #expect(dry["balance"] == 1000 && dry["transaction_id"] == .null && dry["dry_run"] == true)
            #expect(try await shop.balance(31) == [0, 0])
            for replayed in [false, true] {
                let booked = try await Shopctl.run(
                    topUp + ["-o", "json"], environment: shop.environment
                ).expect(0).json
                #expect(try JSONSchema(name: "top-up").faults(in: booked) == [])
                #expect(booked["balance"] == 1000 && booked["replayed"] == .bool(replayed))
            }
            let table = try await shop.run("customer", "top-up", "31", "--amount", "50", "--reason", "more").expect(0)
            #expect(table.output == "0.50 RUB booked; the balance of user 31 is 10.50 RUB\n")

            let product = try await shop.sell(price: 300, amount: 5)
            try await shop.order(31, product, wait: 60).expect(200)
            try await shop.settle()
            let newest = try await statement(shop, "-id", [750, 1050, 1000])
            #expect(newest.map { $0["kind"] } == ["hold", "top_up", "top_up"])
            #expect(newest[0]["amount"] == -300 && newest[0]["order_id"].integer != nil)
            _ = try await statement(shop, "id", [1000, 1050, 750])
            let shown = try await shop.run("customer", "show", "31", "-o", "json").expect(0).json
            #expect(try JSONSchema(name: "customer").faults(in: shown) == [])
            #expect(shown["balance"] == 750 && shown["held"] == 0 && shown["holds"] == .list([]))
            #expect(try await shop.run("customer", "show", "31").expect(0).output.contains("balance 7.50 RUB"))

            let audit = try await shop.run("audit", "list", "--user", "31", "-o", "jsonl").expect(0).output
            let deed = #""actor_role":"operator","user_id":31,"action":"balance.top_up","reason":"a voucher""#
            #expect(audit.components(deed) == 1, "\(audit)")
            let other = try await Shopctl.run(
                ["customer", "top-up", "31", "--amount", "7", "--reason", "x", "--idempotency-key", "k31"],
                environment: shop.environment
            ).expect(65)
            #expect(other.output == "")
            try await shop.run("customer", "top-up", "31", "--amount", "0", "--reason", "x").expect(64)
            try await shop.run("customer", "top-up", "31", "--amount", "1", "--reason", " ").expect(64)
            try await shop.run("customer", "top-up", "31", "--amount", "1").expect(64)
            try await shop.run(
                "customer", "top-up", "31", "--amount", "1", "--reason", "x",
                environment: ["SHOPCTL_TOKEN": try await shop.token(31)]
            ).expect(77)
            try await shop.checkInvariants()
        }

        /// All entries of a statement, page by page.
        private func statement(_ shop: Shop, _ sort: String, _ balances: [JSON]) async throws -> [JSON] {
            var told: [JSON] = []
            var cursor: String?
            repeat {
                let page = try await Shopctl.run(
                    ["customer", "statement", "31", "--limit", "2", "--sort=\(sort)", "-o", "json"]
                        + (cursor.map { ["--cursor", $0] } ?? []), environment: shop.environment
                ).expect(0).json
                #expect(try JSONSchema(name: "statement").faults(in: page) == [])
                #expect(page["total"] == 3)
                told += page["entries"].list
                cursor = page["next_cursor"].text
            } while cursor != nil && told.count < 100
            #expect(told.map { $0["balance"] } == balances)
            return told
        }

        @Test("A cart is shown at the present prices")
        func cart() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 300, amount: 5)
            try await shop.post(
                "/api/cart", token: try await shop.token(32),
                body: ["product_id": .integer(product), "amount": 2]
            ).expect(200)
            let cart = try await shop.run("customer", "cart", "32", "-o", "json").expect(0).json
            #expect(try JSONSchema(name: "cart").faults(in: cart) == [])
            #expect(cart["total"] == 600 && cart["lines"][0]["product_id"] == .integer(product))
            #expect(try await shop.run("customer", "cart", "32").expect(0).output.contains("total 6.00 RUB"))
            try await shop.topUp(33, 1)
            #expect(try await shop.run("customer", "cart", "33").expect(0).output.contains("is empty"))
            try await shop.run("customer", "cart", "0").expect(64)
        }

        @Test("Of somebody who is not there nothing can be read, and whoever does something for them is warned")
        func nobody() async throws {
            let shop = try Shop.current
            for command in ["show", "cart", "statement"] {
                let unknown = try await shop.run("customer", command, "99931").expect(66)
                #expect(unknown.output == "" && unknown.error.contains("hint: shopctl user list"), "\(unknown)")
            }
            let warning = "warning: nobody has an account 99931; who has one: shopctl user list\n"
            let topUp = ["customer", "top-up", "99931", "--amount", "5", "--reason", "x"]
            for arguments in [topUp + ["--dry-run"], topUp] {
                let told = try await Shopctl.run(arguments, environment: shop.environment).expect(0)
                #expect(told.error == warning, "\(told)")
            }
            let product = try await shop.run(
                "product", "create", "--seller", "99931", "--name", "Cup", "--category", "toys", "--price", "100",
                "--amount", "1", "--dry-run"
            ).expect(0)
            #expect(product.error == warning && product.output.contains("1.00 RUB"), "\(product)")
            // Money is enough to be there.
            try await shop.run("customer", "show", "99931").expect(0)
            try await shop.run("customer", "statement", "99931", "--since", "0s").expect(0)
            for command in [["customer", "show", "99939"], ["user", "set-role", "99939", "admin"]] {
                let nobody = try await Shopctl.run(command, environment: shop.environment).expect(66)
                #expect(nobody.error.contains("SHOP-707") && nobody.error.contains("99939"), "\(nobody)")
            }
            // With the accounts away the rest is told.
            let blind = try await shop.run(
                "customer", "show", "99932",
                environment: ["SHOPCTL_GATEWAY_DATABASE_URL": "postgres://shop@127.0.0.1:9/x"]
            ).expect(0)
            #expect(blind.error.contains("whether there is an account 99932 could not be asked"), "\(blind)")
        }

        @Test("Reviews are listed by product and author, and deleted with a reason")
        func reviews() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 300, amount: 5)
            var ids: [Int64] = []
            for user in [41, 42, 43] as [Int64] {
                let posted = try await shop.post(
                    "/api/reviews", token: try await shop.token(user),
                    body: ["product_id": .integer(product), "evaluation": 1, "text": "Leaks."])
                ids.append(try #require(posted.json["id"].integer, "\(posted)"))
            }
            let page = try await shop.run(
                "review", "list", "--product", "\(product)", "--limit", "2", "-o", "json"
            ).expect(0)
            #expect(try JSONSchema(name: "review-list").faults(in: page.json) == [])
            #expect(page.json["total"] == 3)
            #expect(page.json["reviews"].list.map { $0["id"].integer } == [ids[2], ids[1]])
            let rest = try await shop.run(
                "review", "list", "--product", "\(product)", "--cursor", try #require(page.json["next_cursor"].text),
                "-o", "json"
            ).expect(0).json
            #expect(rest["reviews"].list.map { $0["id"].integer } == [ids[0]] && rest["next_cursor"] == .null)
            let own = try await shop.run("review", "list", "--user", "42", "--sort", "id").expect(0).output
            #expect(own.contains("Leaks.") && own.split(separator: "\n").count == 2, "\(own)")

            try await shop.run("review", "delete", "\(ids[0])", "--reason", "an insult", "--dry-run").expect(0)
            let gone = try await shop.run("review", "delete", "\(ids[0])", "--reason", "an insult", "-o", "json")
                .expect(0).json
            #expect(gone["id"] == .integer(ids[0]) && gone["dry_run"] == false)
            let missing = try await shop.run("review", "delete", "\(ids[0])", "--reason", "an insult").expect(66)
            #expect(missing.error.contains("SHOP-849"), "\(missing)")
            try await shop.run("review", "delete", "\(ids[1])").expect(64)
            let audit = try await shop.run("audit", "list", "--user", "41", "-o", "jsonl").expect(0).output
            #expect(
                audit.contains(#""action":"review.delete","reason":"an insult","subject_id":\#(ids[0]),"#), "\(audit)")
        }
    }
}

extension String {
    /// How often a text stands in it.
    fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
