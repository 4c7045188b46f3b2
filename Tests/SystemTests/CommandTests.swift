import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import TestSupport
import NIOHTTP1
import Testing

extension SystemTests {
    /// The operator's commands against a running shop.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct CommandTests {
        /// The settings that hold secrets.
        private func expectNoSecret(_ shop: Shop, in result: CommandResult) {
            for (name, value) in shop.environment where name.hasSuffix("_URL") {
                guard let password = value.split(separator: "@").first?.split(separator: ":").last else { continue }
                #expect(!(result.output + result.error).contains(password), "\(name): \(result)")
            }
        }

        @Test("token issue: a token that the shop believes, and nothing else on standard output")
        func tokens() async throws {
            let shop = try Shop.current
            let result = try await shop.run("token", "issue", "--user", "5").expect(0)
            let nobody = try await shop.run("token", "issue", "--user", "999999").expect(0)
            #expect(
                nobody.error == "warning: nobody has an account 999999; who has one: shopctl user list\n", "\(nobody)")
            let known = try await shop.number(
                .gateway,
                """
                INSERT INTO users (name, email, password_hash) VALUES ('Ann', 'ann@issue.example', 'hash')
                RETURNING id
                """)
            let quiet = try await shop.run("token", "issue", "--user", "\(known)").expect(0)
            #expect(quiet.error == "", "\(quiet)")
            let token = String(result.output.dropLast())
            #expect(result.output == token + "\n" && !token.contains("\n"))
            try await shop.get("/api/balance/5", token: token).expect(200)
            try await shop.get("/api/balance/6", token: token).expectProblem(403, "not_owner")

            let special = try await shop.run(
                "token", "issue", "--user", "6", "--role", "admin", "--ttl", "1h", "--scope", "reports", "--scope",
                "stock:read"
            ).expect(0)
            let claims = try Self.claims(special.output)
            #expect(claims["role"] == "admin")
            #expect(claims["scope"] == "reports stock:read")
            let span = try #require(claims["exp"].integer) - #require(claims["iat"].integer)
            #expect(span == 3_600)
            try await shop.get("/api/balance/5", token: String(special.output.dropLast())).expect(200)

            try await shop.run("token", "issue", "--user", "0").expect(64)
            try await shop.run("token", "issue", "--user", "5", "--ttl", "0").expect(64)
            try await shop.run("token", "issue", "--user", "5", "--scope", "two words").expect(64)
            let missing = try await shop.run(
                "token", "issue", "--user", "5", environment: ["SHOPCTL_AUTH_KEYS_FILE": ""]
            ).expect(78)
            #expect(missing.output == "")
            #expect(missing.error.contains("auth.keys-file"))
        }

        private static func claims(_ token: String) throws -> JSON {
            let parts = token.split(separator: ".")
            var text = String(try #require(parts.dropFirst().first)).replacing("-", with: "+").replacing("_", with: "/")
            while text.utf8.count % 4 != 0 { text += "=" }
            return try JSON(try #require(Data(base64Encoded: text)))
        }

        @Test("health asks where dev env says")
        func health() async throws {
            let shop = try Shop.current
            let process = try shop.process(of: .gateway)
            let answer = try await Shopctl.run(["health"], environment: ["SHOPCTL_ADMIN_URL": process.admin.origin])
            #expect(answer.expect(0).output.contains("gateway.database"))
            try await Shopctl.run(["health"], environment: ["SHOPCTL_ADMIN_URL": "nowhere"]).expect(78)
        }

        @Test("order place: items by flag, file and standard input; the outcome is the exit status")
        func orders() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 10_000)
            let placed = try await shop.run(
                "order", "place", "--user", "7", "--item", "\(product):2@100", "--wait", "-o", "json"
            ).expect(0)
            #expect(placed.error.isEmpty || placed.error.contains("nobody has an account 7"), "\(placed)")
            #expect(placed.json["state"] == "confirmed")
            #expect(placed.json["price"] == 200)
            let id = try #require(placed.json["id"].integer)

            let file = shop.directory + "/items.json"
            let items = #"[{"product_id": \#(product), "quantity": 1, "price": 100}]"#
            try Data(items.utf8).write(to: URL(filePath: file))
            try await shop.run("order", "place", "--user", "7", "--file", file, "--wait=60").expect(0)
            let table = try await shop.run("order", "place", "--user", "7", "--file", "-", "--wait", input: items)
                .expect(0)
            #expect(table.output.contains("confirmed") && table.output.contains("1.00 RUB"), "\(table)")

            let rejected = try await shop.run(
                "order", "place", "--user", "7", "--item", "\(product):11", "--wait", "-o", "json"
            ).expect(2)
            #expect(rejected.json["state"] == "rejected")
            #expect(rejected.json["reason"] == "out_of_stock")
            #expect(rejected.error.isEmpty || rejected.error.contains("nobody has an account 7"), "\(rejected)")

            let key = [
                "order", "place", "--user", "7", "--item", "\(product):1", "--idempotency-key", "k", "-o", "json",
            ]
            let first = try await Shopctl.run(key, environment: shop.environment).expect(0)
            let second = try await Shopctl.run(key, environment: shop.environment).expect(0)
            #expect(first.json["id"] == second.json["id"])
            #expect(first.json["replayed"] == false && second.json["replayed"] == true)
            try await shop.run(
                "order", "place", "--user", "7", "--item", "\(product):2", "--idempotency-key", "k"
            ).expect(65)

            try await show(shop, id)
            // It was the operator's doing, in the user's name.
            let audit = try await shop.run("audit", "list", "--user", "7", "-o", "jsonl").expect(0).output
            let deed = #""actor_role":"operator","user_id":7,"action":"order.place","reason":null,"subject_id":\#(id),"#
            #expect(audit.contains(deed), "\(audit)")
            try await badOrders(shop, product)
            let last = try #require(first.json["id"].integer)
            #expect(try await shop.outcome(7, last)["state"] == "confirmed")
            // One that was called off since is settled too, and not as the buyer wished.
            try await shop.gateway.send(
                .POST, "/api/order/\(last)/cancel", token: try await shop.token(7), headers: ["Prefer": "wait=20"]
            ).expect(200)
            let calledOff = try await Shopctl.run(key + ["--wait"], environment: shop.environment).expect(2)
            #expect(calledOff.json["state"] == "cancelled")
            try await shop.checkInvariants()
            #expect(try await shop.stock(product) == 6)
        }

        private func show(_ shop: Shop, _ id: Int64) async throws {
            let shown = try await shop.run("order", "show", "\(id)", "-o", "json").expect(0).json
            #expect(shown["schema_version"] == 2)
            #expect(shown["id"] == .integer(id))
            #expect(shown["products"][0]["quantity"] == 2)
            try await shop.run("order", "show", "\(id)", "--user", "7").expect(0)
            try await shop.run("order", "show", "\(id)", "--user", "8").expect(66)
            let missing = try await shop.run("order", "show", "999999").expect(66)
            #expect(missing.output == "")
            #expect(missing.error.contains("999999"))
        }

        private func badOrders(_ shop: Shop, _ product: Int64) async throws {
            try await shop.run("order", "place", "--user", "7").expect(64)
            try await shop.run("order", "place", "--user", "7", "--item", "\(product)").expect(64)
            try await shop.run("order", "place", "--user", "7", "--item", "\(product):0").expect(64)
            try await shop.run("order", "place", "--user", "7", "--item", "999999:1").expect(66)
            try await shop.run("order", "place", "--user", "7", "--file", shop.directory + "/none.json").expect(66)
            for input in ["", "{}", "[]", #"[{"product_id": 1}]"#, #"[{"product_id": 1, "quantity": 0}]"#] {
                let result = try await shop.run("order", "place", "--user", "7", "--file", "-", input: input).expect(65)
                #expect(result.output == "")
            }
            // Another user's token does not buy for this one.
            try await shop.run(
                "order", "place", "--user", "7", "--item", "\(product):1",
                environment: ["SHOPCTL_TOKEN": try await shop.token(8)]
            ).expect(77)
        }

        @Test("saga list and inspect: who was asked, what they answered, by which message, and what is next")
        func sagas() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(9, 100)
            let order = try await shop.order(9, product, wait: 60).expect(200)
            try await shop.settle()
            let (id, saga) = (try #require(order["id"].integer), try #require(order["saga_id"].text))

            let listed = try await shop.run("saga", "list", "--state", "all", "-o", "json").expect(0).json
            #expect(listed["schema_version"] == 2)
            #expect(listed["sagas"].list.contains { $0["id"].text == saga && $0["state"] == "confirmed" })
            #expect(try await shop.run("saga", "list", "-o", "json").expect(0).json["sagas"].list == [])
            let lines = try await shop.run("saga", "list", "--state", "all", "-o", "jsonl").expect(0).output
                .split(separator: "\n")
            #expect(try lines.map { try JSON($0.utf8)["id"] } == listed["sagas"].list.map { $0["id"] })

            let byOrder = try await shop.run("saga", "inspect", "\(id)", "-o", "json").expect(0)
            let bySaga = try await shop.run("saga", "inspect", saga.uppercased(), "-o", "json").expect(0)
            #expect(byOrder.output == bySaga.output)
            try expectShape(byOrder.json)
            let table = try await shop.run("saga", "inspect", "\(id)").expect(0)
            for part in byOrder.json["participants"].list {
                for field in ["name", "vote", "vote_message_id", "done_message_id"] {
                    let text = try #require(part[field].text)
                    #expect(table.output.contains(text), "\(field): \(table)")
                }
            }
            expectNoSecret(shop, in: table)
            try await shop.run("saga", "inspect", "999999").expect(66)
            try await shop.run("saga", "inspect", UUID().uuidString).expect(66)
            try await shop.run("saga", "inspect", "x").expect(64)
            try await shop.run("saga", "retry", saga).expect(65)
        }

        /// The shape of an inspection that is over: programs rely on it.
        private func expectShape(_ saga: JSON) throws {
            #expect(
                saga.names == [
                    "schema_version", "saga", "summary", "coordinator", "participants", "timeline", "awaited", "unsent",
                    "dead_letters", "failures", "not_asked", "next",
                ])
            #expect(saga["schema_version"] == 2)
            #expect(saga["coordinator"] == "orders")
            #expect(saga["participants"].list.map { $0["name"] } == ["customers", "products"])
            #expect(
                saga["participants"].list.allSatisfy { $0["vote"] == "accepted" && $0["branch_state"] == "confirmed" })
            let timeline = saga["timeline"].list
            #expect(timeline.allSatisfy { $0.names == ["at", "offset_ms", "place", "event", "text", "message_id"] })
            let events = timeline.compactMap { $0["event"].text }
            #expect(events.first == "started" && events.contains("decided"), "\(events)")
            // What a slow machine has sent once more may come behind it.
            let end = try #require(events.firstIndex(of: "finished"))
            #expect(events.lastIndex(of: "done_recorded").map { $0 < end } == true, "\(events)")
            for list in ["awaited", "unsent", "dead_letters", "failures", "not_asked", "next"] {
                #expect(saga[list] == .list([]), "\(list): \(saga[list])")
            }
        }

        /// The queues are listed page by page, and the fullest first.
        private func checkPages(of names: [String], _ shop: Shop) async throws {
            var told: [String] = []
            var cursor: [String] = []
            repeat {
                let arguments = ["queue", "list", "--limit", "7", "-o", "json"] + cursor
                let page = try await Shopctl.run(arguments, environment: shop.environment).expect(0).json
                #expect(page["total"] == .integer(Int64(names.count)), "\(page)")
                told += page["queues"].list.compactMap { $0["queue"].text }
                cursor = page["next_cursor"].text.map { ["--cursor", $0] } ?? []
            } while !cursor.isEmpty && told.count < 100
            #expect(told == names)
            let fullest = try await shop.run("queue", "list", "--sort", "-ready", "--limit", "1", "-o", "json").expect(
                0)
            #expect(fullest.json["queues"][0]["ready"].integer ?? 0 > 0, "\(fullest)")
            #expect(fullest.error.contains("1 of \(names.count); the next page"), "\(fullest)")
            try await shop.run("queue", "list", "--cursor", "MXw").expect(64)
        }

        @Test("queue list, peek and replay: an undecodable message is found with its reason and sent back")
        func queues() async throws {
            let shop = try Shop.current
            let messageID = try await shop.publishGarbage(to: .products)
            try await eventually("the letter is dead") { try await deadLetters(shop) == 1 }

            let listed = try await shop.run("queue", "list", "-o", "json").expect(0).json["queues"].list
            // Inbox, dead letters and three retry queues of each of four services.
            #expect(listed.count == 20)
            let dead = try #require(listed.first { $0["queue"] == "products.dead.v2" })
            #expect(dead["purpose"] == "dead" && dead["concern"].text != nil)
            #expect(try await shop.run("queue", "list").expect(0).output.contains("shopctl queue peek products"))
            // Also where the page leaves that queue out; the inbox tells how old its letter is.
            let first = try await shop.run("queue", "list", "--limit", "1").expect(0).output
            #expect(
                !first.contains("products.dead.v2") && first.contains("next: shopctl queue peek products"), "\(first)")
            let told = try await shop.run("queue", "list", "--limit", "1", "-o", "json").expect(0).json["queues"][0]
            #expect(told["queue"] == "products.inbox.v2" && told["oldest_at"].text != nil, "\(told)")
            try await checkPages(of: listed.compactMap { $0["queue"].text }, shop)

            let peeked = try await shop.run("queue", "peek", "products", "-o", "json").expect(0).json["dead_letters"]
            #expect(peeked.list.count == 1)
            #expect(peeked[0]["error_class"] == "undecodable")
            #expect(peeked[0]["reason"].text?.isEmpty == false)
            #expect(peeked[0]["body"] == "no json")
            #expect(peeked[0]["message_id"] == .text(messageID))
            #expect(peeked[0]["routing_key"] == "products.inbox.v2")
            let wide = try await shop.run("queue", "peek", "products", "-o", "wide").expect(0).output
            #expect(wide.contains("\n  key     products.inbox.v2\n"), "\(wide)")
            #expect(try await deadLetters(shop) == 1)

            let id = try #require(peeked[0]["message_id"].text)
            let dry = try await shop.run("queue", "replay", "products", "--dry-run", "-o", "json").expect(0).json
            #expect(dry["dry_run"] == true && dry["count"] == 1)
            #expect(try await deadLetters(shop) == 1)
            try await shop.run("queue", "replay", "products", "--message-id", UUID().uuidString).expect(66)
            let sent = try await shop.run("queue", "replay", "products", "--message-id", id, "-o", "json").expect(3)
            #expect(sent.json["count"] == 1)
            // It is as undecodable as before.
            #expect(sent.json["died_again"] == 1 && sent.json["messages"][0]["outcome"] == "died_again")
            #expect(sent.error.contains("SHOP-804"))
            #expect(try await deadLetters(shop) == 1)
            try await shop.run("queue", "peek", "nobody").expect(64)
            try await drop(shop, id)
            #expect(try await shop.run("queue", "peek", "products").expect(0).output.contains("no dead letters"))
        }

        @Test("queue peek --retry and saga inspect: why a message fails that is tried again")
        func troubles() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(10, 100)
            let customers = try #require(shop.databases[.customers])
            try await customers.query("ALTER TABLE accounts RENAME TO accounts_elsewhere")
            let order = try await shop.order(10, product).expect(202)
            let (id, saga) = (try #require(order["id"].integer), try #require(order["saga_id"].text))
            try await eventually("the letter tells why") {
                try await shop.run("queue", "peek", "customers", "--retry", "-o", "json").expect(0).json["messages"]
                    .list.contains {
                        $0["saga_id"].text == saga
                            && $0["last_error"].text?.contains(#"relation "accounts" does not exist"#) == true
                    }
            }
            try await eventually("it is found by a condition, with the key that its sender gave it") {
                let found = try await shop.run(
                    "queue", "peek", "customers", "--retry", "--filter", "saga=\(saga)", "--filter", "reason=accounts",
                    "-o", "json"
                ).expect(0).json
                return found["messages"].list.first?["routing_key"] == "saga.order-placement.try"
            }
            let other = try await shop.run(
                "queue", "peek", "customers", "--retry", "--filter", "reason=no such error"
            ).expect(0).output
            #expect(other == "no such message of customers waits to be tried again\n", "\(other)")
            try await eventually("a status leads to the letter") {
                try await shop.run("status", "-o", "json").json["findings"].list.contains {
                    $0["kind"] == "retrying" && $0["next"] == "shopctl queue peek customers --retry"
                }
            }
            try await eventually("and so does the saga") {
                try await shop.run("saga", "inspect", "\(id)").expect(0).output
                    .contains(#"customers has failed to handle the try: "#)
            }
            try await customers.query("ALTER TABLE accounts_elsewhere RENAME TO accounts")
            #expect(try await shop.outcome(10, id)["state"] == "confirmed")
            try await shop.settle()
        }

        private func drop(_ shop: Shop, _ id: String) async throws {
            let drop = [
                "queue", "drop", "products", "--message-id", String(id.prefix(8)), "--reason", "sent by a test",
            ]
            let dry = try await Shopctl.run(drop + ["--dry-run", "-o", "json"], environment: shop.environment).expect(0)
            #expect(dry.json["count"] == 1 && dry.json["messages"][0]["message_id"] == .text(id))
            #expect(try await deadLetters(shop) == 1)
            // No line in the audit trail, no deed.
            let nowhere = ["SHOPCTL_PRODUCTS_DATABASE_URL": "postgres://shop:x@127.0.0.1:9/x"]
            try await Shopctl.run(drop, environment: shop.environment.merging(nowhere) { $1 }).expect(69)
            #expect(try await deadLetters(shop) == 1)
            try await Shopctl.run(drop, environment: shop.environment).expect(0)
            #expect(try await deadLetters(shop) == 0)
            let audit = try await shop.run("audit", "list", "-o", "jsonl").expect(0).output
            #expect(audit.contains(#""action":"queue.drop \#(id)","reason":"sent by a test""#), "\(audit)")
            try await Shopctl.run(drop, environment: shop.environment).expect(66)
        }

        private func deadLetters(_ shop: Shop) async throws -> Int64? {
            try await shop.run("queue", "list", "-o", "json").expect(0).json["queues"].list
                .first { $0["queue"] == "products.dead.v2" }?["ready"].integer
        }

        @Test("migrate status, down and up")
        func migrations() async throws {
            let shop = try Shop.current
            let status = try await shop.run("migrate", "status", "--check", "-o", "json").expect(0).json
            #expect(status["current"] == true)
            #expect(status["databases"].list.map { $0["role"].text } == Role.allCases.map(\.rawValue))
            #expect(status["topology"]["missing"].list == [])

            let down = try await shop.run("migrate", "down", "--role", "reviews", "-o", "json").expect(0).json
            let latest = try #require(down["databases"][0]["from_version"].integer)
            #expect(down["databases"][0]["to_version"] == .integer(latest - 1))
            let pending = try await shop.run("migrate", "status", "--check", "--role", "reviews", "-o", "json")
                .expect(2)
            #expect(pending.json["databases"][0]["pending"] == 1)
            #expect(pending.error == "")

            let up = try await shop.run("migrate", "up", "-o", "json").expect(0).json
            #expect(up["databases"].list.filter { $0["migrations"].list.count == 1 }.map { $0["role"] } == ["reviews"])
            #expect(up["topology"]["created"].list == [])
            try await shop.run("migrate", "status", "--check").expect(0)
            try await shop.run("migrate", "down").expect(64)
        }
    }
}
