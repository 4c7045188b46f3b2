import DevStack
import FoundationEssentials
import Hosting
import NIOHTTP1
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// The JSON of every command, as programs rely on it.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct ShapeTests {
        /// Compares a document with its schema, and its structure with the golden file.
        ///
        /// With `SHOPCTL_RECORD_GOLDEN` set the file is written instead.
        private func check(_ value: JSON, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            let faults = try JSONSchema(name: name).faults(in: value)
            #expect(faults == [], "\(name)", sourceLocation: sourceLocation)
            let path = repositoryPath("docs/json/golden/\(name).json")
            if ProcessInfo.processInfo.environment["SHOPCTL_RECORD_GOLDEN"] != nil {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                try (encoder.encode(value.structure) + Data("\n".utf8)).write(to: URL(filePath: path))
                return
            }
            let golden = try JSON(try Data(contentsOf: URL(filePath: path)))
            #expect(value.structure == golden, "\(name)", sourceLocation: sourceLocation)
        }

        /// Runs a command again for lines, if its result is a list, and compares each with the schema of a line.
        private func checkLines(
            _ name: String, of document: JSON, _ arguments: [String], _ environment: [String: String],
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            guard let schema = try JSONSchema(name: name).line else { return }
            let result = try await Shopctl.run(arguments + ["-o", "jsonl"], environment: environment).expect(0)
            let lines = try result.output.split(separator: "\n").map { try JSON($0.utf8) }
            #expect(lines.map(schema.faults(in:)) == lines.map { _ in [] }, "\(name)", sourceLocation: sourceLocation)
            let items = document.names.map { document[$0].list.count }.max()
            #expect(lines.count == items, "\(name)", sourceLocation: sourceLocation)
        }

        @Test("Every result has the shape of its schema and of its golden file")
        func results() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 10_000)
            let environment = shop.environment.merging([
                "SHOPCTL_ADMIN_URL": try shop.process(of: .gateway).admin.origin,
                "SHOPCTL_GATEWAY_URL": shop.gateway.origin, "XDG_CONFIG_HOME": shop.directory + "/config",
            ]) { $1 }
            func run(_ name: String, _ status: Int32 = 0, _ arguments: String...) async throws -> JSON {
                let result = try await Shopctl.run(arguments + ["-o", "json"], environment: environment).expect(status)
                try check(result.json, name)
                try await checkLines(name, of: result.json, arguments, environment)
                return result.json
            }
            // Two of each, so that every list has a next page.
            try await shop.run("order", "place", "--user", "7", "--item", "\(product):1", "--wait=60").expect(0)
            let order = try await run(
                "order", 0, "order", "place", "--user", "7", "--item", "\(product):1", "--wait=60")
            let id = try #require(order["id"].integer)
            try await shop.settle()
            try check(
                try await shop.run("order", "show", "\(id)", "-o", "json").expect(0).json.adding("replayed", true)
                    .adding("dry_run", false), "order")
            _ = try await run("order-story", 0, "order", "story", "\(id)")
            _ = try await run("order-list", 0, "order", "list", "--limit", "1")
            _ = try await run("order-cancel", 0, "order", "cancel", "\(id)", "--reason", "a test", "--dry-run")
            let steps = try await shop.run("order", "watch", "\(id)", "-o", "jsonl").expect(0).output
            try check(try JSON(try #require(steps.split(separator: "\n").first).utf8), "order-step")
            _ = try await run("top", 0, "top", "--once")
            _ = try await run("saga-list", 0, "saga", "list", "--state", "all", "--limit", "1")
            _ = try await run("saga", 0, "saga", "inspect", "\(id)")
            _ = try await run("saga-all", 0, "saga", "inspect", "\(id)", "--all")
            _ = try await run("saga-counts", 0, "saga", "list", "--state", "all", "--group-by", "state,reason,step")
            try await checkCancelled(shop, product)
            _ = try await run("saga-retry", 0, "saga", "retry", "--all-stuck")
            _ = try await run("queue-list", 0, "queue", "list", "--limit", "1")
            _ = try await run("queue-check", 0, "queue", "check")

            let letter = try await shop.publishGarbage(to: .products)
            try await eventually("the letter is dead") {
                try await shop.run("queue", "peek", "products", "-o", "json").expect(0).json["total"] == 1
            }
            _ = try await run("status", 2, "status", "--check")
            _ = try await run("doctor", 2, "doctor")
            _ = try await run("dead-letters", 0, "queue", "peek", "products")
            _ = try await run("export", 0, "queue", "export", "products")
            let exported = try await shop.run("queue", "export", "products").expect(0).output
            let file = shop.directory + "/shape.jsonl"
            try Data(exported.utf8).write(to: URL(filePath: file))
            _ = try await run("import", 0, "queue", "import", file, "--dry-run")
            _ = try await run("purge", 0, "queue", "purge", "products.dead.v2", "--dry-run", "--reason", "a test's")
            let dry = try await shop.run("queue", "replay", "products", "--dry-run").expect(0)
            let warning = "warning: 1 cannot be read and would die again: shopctl queue peek products\n"
            #expect(dry.error.contains(warning), "\(dry)")
            _ = try await run("replay", 3, "queue", "replay", "products")
            _ = try await run("drop", 0, "queue", "drop", "products", "--message-id", letter, "--reason", "a test's")
            try await shop.publishGarbage(to: .products, type: "test.invented-later", from: "test")
            try await eventually("it waits to be tried again") {
                try await shop.run("queue", "peek", "products", "--retry", "-o", "json").expect(0).json["total"] == 1
            }
            _ = try await run("retries", 0, "queue", "peek", "products", "--retry")
            try await shop.forgetRetried(by: .products)
            _ = try await run("outbox-replay", 0, "outbox", "replay", "--service", "orders", "--since", "1h")
            // What is sent again has no time of sending until it is.
            try await shop.settle()
            _ = try await run("outbox-list", 0, "outbox", "list", "--service", "orders", "--limit", "1")

            try await shop.databases[.gateway]?.query(
                """
                INSERT INTO users (name, email, password_hash)
                VALUES ('Ann', 'ann@shape.example', 'hash'), ('Cid', 'cid@shape.example', 'hash')
                """)
            let users = try await run("user-list", 0, "user", "list", "--limit", "1")
            let user = try #require(users["users"][0]["id"].integer)
            _ = try await run("user-role", 0, "user", "set-role", "ann@shape.example", "admin")
            _ = try await run("audit-list", 0, "audit", "list", "--limit", "1", "--user", "7")
            _ = try await run(
                "seed-plan", 0, "shop", "seed", "--dry-run", "--size", "4", "--password-file",
                shop.directory + "/demo-password")
            _ = try await run(
                "seed", 0, "shop", "seed", "--size", "4", "--password-file", shop.directory + "/demo-password")
            let keys = shop.directory + "/shape.json"
            try await shop.run("token", "keys", "generate", "--file", keys).expect(0)
            try await shop.run("token", "keys", "rotate", "--file", keys).expect(0)
            _ = try await run("keys", 0, "token", "keys", "list", "--file", keys)
            _ = try await run("jwks", 0, "token", "keys", "jwks", "--file", keys)
            let token = shop.directory + "/shape.token"
            let issued = try await shop.run("token", "issue", "--user", "7").expect(0).output
            try Data(issued.utf8).write(to: URL(filePath: token))
            _ = try await run("token-issue", 0, "token", "issue", "--user", "7", "--scope", "reports")
            _ = try await run("token", 0, "token", "inspect", "--file", token)
            _ = try await run("token-verdict", 0, "token", "verify", "--file", token)
            _ = try await run("token-revocation", 0, "token", "revoke", "--user", "\(user)", "--reason", "a test's")
            _ = try await run("context", 0, "context", "set", "here", "log.level=error")
            _ = try await run("context-use", 0, "context", "use", "here")
            _ = try await run("context-list", 0, "context", "list")
            _ = try await run("context-deletion", 0, "context", "delete", "here")
            _ = try await run("migration-status", 0, "migrate", "status")
            _ = try await run("migration", 0, "migrate", "up")
            _ = try await run("migration-plan", 0, "migrate", "plan", "--role", "reviews")
            _ = try await run("migration-plans", 0, "migrate", "plan")
            _ = try await run("migration-verify", 0, "migrate", "verify")
            _ = try await run("migration-history", 0, "migrate", "history", "--limit", "1")
            _ = try await run(
                "migration-repair", 0, "migrate", "repair", "--role", "reviews", "--indexes", "--reason", "a test's",
                "--dry-run")
            _ = try await run(
                "migration-baseline", 0, "migrate", "baseline", "--role", "orders", "--from-golang-migrate")
            _ = try await run("migration-lint", 0, "migrate", "lint", "--role", "orders")
            _ = try await run("migration-locks", 0, "migrate", "locks")
            _ = try await run(
                "migration-new", 0, "migrate", "new", "shape", "--role", "orders", "--dir", shop.directory)
            _ = try await run("health", 0, "health")
            let stack = try await TestStack.shared().state.directory
            _ = try await run("dev-status", 0, "dev", "status", "--data-dir", stack)
            let shell = try await shop.run("dev", "env", "--data-dir", stack, "-o", "json").expect(0).json
            #expect(try JSONSchema(name: "dev-env").faults(in: shell) == [])
            // Which variables there are depends on what runs there.
            let url = shell["variables"]["DATABASE_URL"]
            try check(["schema_version": shell["schema_version"], "variables": ["DATABASE_URL": url]], "dev-env")
            _ = try await run("error-explanation", 0, "error", "101")
            _ = try await run("error-list", 0, "error")
            try await checkHistory(shop)
        }

        /// The console's last hour, told from a sample on that has some of everything.
        private func checkHistory(_ shop: Shop) async throws {
            let admin = try shop.process(of: .gateway).admin
            func history(after number: Int64) async throws -> JSON {
                try await admin.send(.GET, "/console/api/history?after=\(number)").expect(200)
            }
            let number = try await eventuallyValue("a sample has some of everything", timeout: .seconds(60)) {
                try await history(after: 0)["samples"].list.first { sample in
                    sample["orders"] != .null && !sample["steps"].list.isEmpty && !sample["queues"].list.isEmpty
                }?["number"].integer
            }
            try check(try await history(after: number - 1), "console-history")
        }

        /// A saga that nobody votes in is cancelled by hand.
        private func checkCancelled(_ shop: Shop, _ product: Int64) async throws {
            let customers = try #require(shop.databases[.customers])
            try await customers.transaction { transaction in
                try await transaction.query("LOCK TABLE saga_branches IN EXCLUSIVE MODE")
                let saga = try #require(try await shop.order(8, product).expect(202)["saga_id"].text)
                let cancel = ["saga", "cancel", saga, "--reason", "a test's"]
                try await checkLines("saga-cancel", of: ["sagas": [[:]]], cancel + ["--dry-run"], shop.environment)
                let result = try await Shopctl.run(cancel + ["-o", "json"], environment: shop.environment).expect(0)
                try check(result.json, "saga-cancel")
                let part = try await shop.run(
                    "saga", "resolve", saga, "--participant", "customers", "--reason", "a test's", "--dry-run", "-o",
                    "json"
                ).expect(0)
                try check(part.json, "saga-resolve")
                let resolve = [
                    "saga", "resolve", "--step", "customers", "--participant", "customers", "--reason", "a test's",
                    "--dry-run",
                ]
                let parts = try await Shopctl.run(resolve + ["-o", "json"], environment: shop.environment).expect(0)
                try check(parts.json, "saga-resolve-all")
                try await checkLines("saga-resolve-all", of: parts.json, resolve, shop.environment)
            }
            try await shop.settle()
        }

        @Test("Every result about products, customers and reviews has the shape of its schema and golden file")
        func shopResults() async throws {
            let shop = try Shop.current
            func run(_ name: String, _ arguments: String...) async throws -> JSON {
                let result = try await Shopctl.run(arguments + ["-o", "json"], environment: shop.environment).expect(0)
                try check(result.json, name)
                try await checkLines(name, of: result.json, arguments, shop.environment)
                return result.json
            }
            let made = try await run(
                "product", "product", "create", "--seller", "77", "--name", "Cup", "--category", "toys", "--price",
                "300", "--amount", "9")
            let product = "\(try #require(made["id"].integer))"
            _ = try await shop.sell(price: 1, amount: 1, seller: 77)
            _ = try await run("product", "product", "stock", product, "--change", "+1")
            _ = try await run("product-list", "product", "list", "--seller", "77", "--limit", "1")
            _ = try await run("category-list", "category", "list", "--limit", "1")
            _ = try await run("category", "category", "create", "shapes")
            let file = shop.directory + "/shape.csv"
            _ = try await run("product-export", "product", "export", file, "--seller", "77")
            _ = try await run("product-import", "product", "import", file)
            _ = try await run(
                "top-up", "customer", "top-up", "78", "--amount", "900", "--reason", "a test's")
            try await shop.topUp(78, 100)
            _ = try await run("statement", "customer", "statement", "78", "--limit", "1")
            _ = try await run("customer", "customer", "show", "78")
            try await shop.post(
                "/api/cart", token: try await shop.token(78),
                body: ["product_id": .integer(try #require(made["id"].integer)), "amount": 2]
            ).expect(200)
            _ = try await run("cart", "customer", "cart", "78")
            var review = ""
            for user in [78, 79] as [Int64] {
                let posted = try await shop.post(
                    "/api/reviews", token: try await shop.token(user),
                    body: ["product_id": .integer(try #require(made["id"].integer)), "evaluation": 5, "text": "Good."])
                review = "\(try #require(posted.json["id"].integer))"
            }
            _ = try await run("review-list", "review", "list", "--product", product, "--limit", "1")
            _ = try await run("review-delete", "review", "delete", review, "--reason", "a test's")
            _ = try await run("product-deletion", "product", "delete", product, "--wait=60")
            try await shop.settle()
        }

        @Test("Sagas are listed page by page, until all have been told once, in either order")
        func pages() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 1, amount: 100)
            try await shop.topUp(8, 1_000)
            for _ in 1...5 { try await shop.order(8, product, wait: 60).expect(200) }
            try await shop.settle()
            let all = try await shop.run("saga", "list", "--state", "all", "-o", "json").expect(0).json
            let total = try #require(all["total"].integer)
            #expect(Int64(all["sagas"].list.count) == total && total >= 5 && all["next_cursor"] == .null)
            let ids = all["sagas"].list.compactMap { $0["id"].text }
            for sort in ["-started_at", "started_at"] {
                var told: [String] = []
                var cursor: String?
                repeat {
                    let page = try await Shopctl.run(
                        ["saga", "list", "--state", "all", "--limit", "2", "--sort=\(sort)", "-o", "json"]
                            + (cursor.map { ["--cursor", $0] } ?? []), environment: shop.environment
                    ).expect(0).json
                    #expect(page["total"] == .integer(total))
                    told += page["sagas"].list.compactMap { $0["id"].text }
                    cursor = page["next_cursor"].text
                } while cursor != nil && told.count < 1_000
                #expect(told == (sort == "-started_at" ? ids : ids.reversed()))
            }
            let cut = try await shop.run("saga", "list", "--state", "all", "--limit", "2").expect(0)
            #expect(cut.error.hasPrefix("2 of \(total); the next page: --cursor "), "\(cut)")
            let old = try await shop.run("saga", "list", "--state", "all", "--until", "1h", "-o", "json").expect(0)
            #expect(old.json["total"] == 0)
            // The beginning of an id will do, as tables show it.
            let beginning = String(try #require(ids.first).prefix(13))
            let found = try await shop.run("saga", "inspect", beginning, "-o", "json").expect(0).json
            #expect(found["saga"]["id"].text == ids.first)
            try await shop.run("saga", "inspect", "00000000-0000").expect(66)
            try await shop.run("saga", "list", "--columns", "nonsense").expect(64)
            let columns = try await shop.run(
                "saga", "list", "--state", "all", "--columns", "id", "--no-headers", "--limit", "1"
            ).expect(0)
            #expect(columns.output == "\(ids[0])\n")
            // A source that is missing is told by the status.
            let partly = try await shop.run(
                "saga", "inspect", ids[0], "-o", "json", environment: ["SHOPCTL_CUSTOMERS_DATABASE_URL": ""]
            ).expect(3)
            #expect(partly.json["not_asked"][0]["service"] == "customers")
            #expect(partly.error.contains("SHOP-006"))
            let watched = try await Shell.run(
                "\(try Shopctl.program()) saga list --state all --limit 1 -o jsonl --watch | head -n 2",
                environment: shop.environment
            ).expect(0)
            #expect(watched.output.split(separator: "\n").count == 2)
            // Three rounds, of which each has a heading and a line: what is left out is told once.
            let rounds = try await Shell.run(
                "\(try Shopctl.program()) saga list --state all --limit 1 --watch | head -n 6",
                environment: shop.environment
            ).expect(0)
            let notes = rounds.error.split(separator: "\n")
            #expect(notes.count == 1 && notes.first?.hasPrefix("1 of \(total); ") == true, "\(rounds)")
        }

        @Test("On a terminal a table is as wide as that, tells times by their distance and cuts ids")
        func terminal() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 1, amount: 100)
            try await shop.topUp(9, 1_000)
            let saga = try #require(try await shop.order(9, product, wait: 60).expect(200)["saga_id"].text)
            try await shop.settle()
            func lines(_ width: Int, _ arguments: String) async throws -> [String] {
                let command = "stty cols \(width); \(try Shopctl.program()) \(arguments)"
                return try await Shell.run(
                    "script -qec '\(command)' /dev/null",
                    environment: shop.environment.merging(["TERM": "xterm"]) { $1 }
                ).expect(0).output.split(whereSeparator: \.isNewline).map(String.init)
            }
            let table = try await lines(70, "saga list --state all --limit 3 -q --color never")
            #expect(table.count >= 2 && table.allSatisfy { $0.count <= 70 && !$0.hasSuffix(" ") }, "\(table)")
            #expect(table.dropFirst().allSatisfy { $0.contains(" ago") || $0.contains("now") }, "\(table)")
            // However narrow it is, in every list.
            for list in [
                "saga list --state all", "order list", "product list", "customer statement 9", "review list",
                "audit list", "outbox list", "user list",
            ] {
                let narrow = try await lines(40, "\(list) --limit 3 -q --color never")
                #expect(!narrow.isEmpty && narrow.allSatisfy { $0.count <= 40 }, "\(list): \(narrow)")
            }
            let statement = try await lines(40, "customer statement 9 --limit 3 -q --no-headers --color never")
            let moves = statement.filter { !$0.contains("left out: see -o wide") }
            #expect(!moves.isEmpty && moves.allSatisfy { $0.contains(" ago") || $0.contains("now") }, "\(statement)")
            #expect(!statement.contains { $0.contains("…") && $0.contains("Z") }, "\(statement)")
            #expect(!table.contains { $0.contains(saga) }, "\(saga): \(table)")
            #expect(table.contains { $0.contains(saga.prefix(8)) }, "\(saga): \(table)")
            #expect(try await lines(70, "saga list --state all --limit 3 -o wide").contains { $0.contains(saga) })
            #expect(try await lines(70, "saga list --state all --limit 3").contains { $0.contains("\u{1B}[") })
            let plain = try await shop.run("saga", "list", "--state", "all", "--limit", "3").expect(0).output
            #expect(plain.contains(saga) && plain.contains("Z") && !plain.contains("\u{1B}["))
        }

        @Test("A command that takes longer than it may ends with 75")
        func timeout() async throws {
            let shop = try Shop.current
            let result = try await shop.run(
                "saga", "list", "--state", "all", "--watch", "--timeout", "3s", "-o", "json"
            ).expect(75)
            #expect(result.error.contains("--timeout") && result.error.contains("SHOP-004"), "\(result)")
        }

        @Test("Errors and notes are one object on standard error")
        func errors() async throws {
            let shop = try Shop.current
            for (arguments, code) in [
                (["saga", "inspect", "999999", "-o", "json"], "SHOP-801"),
                (["saga", "inspect", "-o", "json", "--nonsense"], "SHOP-001"),
                (["token", "keys", "retire", "nope", "--file", shop.keysFile, "-o", "jsonl"], "SHOP-702"),
            ] {
                let result = try await Shopctl.run(arguments, environment: shop.environment)
                let told = try JSON(result.error.utf8)
                #expect(try JSONSchema(name: "failure").faults(in: told) == [])
                if told["error"]["object"] != .null { try check(told, "failure") }
                #expect(told["error"]["code"] == .text(code), "\(result)")
                #expect(told["error"]["status"] == .integer(Int64(result.status)) && result.output == "")
            }
            // Nothing went wrong, and something is left out.
            for index in 1...2 {
                try await shop.databases[.gateway]?.query(
                    """
                    INSERT INTO users (name, email, password_hash)
                    VALUES ('Bob', \("bob\(index)@shape.example"), 'hash')
                    """)
            }
            let page = try await shop.run("user", "list", "--limit", "1", "-o", "json").expect(0)
            let note = try JSON(page.error.utf8)
            #expect(try JSONSchema(name: "failure").faults(in: note) == [] && note["error"] == .null)
            let total = try #require(page.json["total"].integer)
            #expect(note["notes"][0].text?.hasPrefix("1 of \(total)") == true, "\(page)")
            #expect(try await shop.run("user", "list", "--limit", "1", "-q").expect(0).error == "")
        }
    }
}

extension JSON {
    /// The object with one more member.
    fileprivate func adding(_ name: String, _ value: JSON) -> JSON {
        guard case .object(var members) = self else { return self }
        members[name] = value
        return .object(members)
    }
}
