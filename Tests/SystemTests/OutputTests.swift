import DevStack
import FoundationEssentials
import Hosting
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// Whatever cannot be written is an error: for every command that prints.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct OutputTests {
        /// Commands that print no result: they run until they are stopped, or say what they did on standard error.
        private static let silent: Set<String> = ["serve", "dev up", "dev down", "dev reset"]

        /// Runs the program with standard output redirected by the shell.
        private func run(_ arguments: [String], _ redirection: String, _ shop: Shop) async throws -> CommandResult {
            let words = ([try Shopctl.program()] + arguments).map { "'\($0)'" }.joined(separator: " ")
            return try await Shell.run(
                "\(words) \(redirection)",
                environment: shop.environment.merging([
                    "SHOPCTL_ADMIN_URL": try shop.process(of: .gateway).admin.origin,
                    "SHOPCTL_GATEWAY_URL": shop.gateway.origin, "XDG_CONFIG_HOME": shop.directory + "/config",
                ]) { $1 })
        }

        /// The names of all commands without subcommands, or of all.
        private func commands(leaves: Bool) async throws -> [[String]] {
            let dump = try await Shopctl.run(["--experimental-dump-help"]).expect(0).json
            var found: [[String]] = []
            func look(_ command: JSON, _ names: [String]) {
                let children = command["subcommands"].list.filter { $0["commandName"] != "help" }
                if children.isEmpty || !leaves { found.append(names) }
                for child in children { look(child, names + [child["commandName"].text ?? ""]) }
            }
            look(dump["command"], [])
            return found
        }

        private func expectFailure(
            _ arguments: [String], _ shop: Shop, _ redirection: String = ">/dev/full", reason: String = "No space left"
        ) async throws {
            let result = try await run(arguments, redirection, shop).expect(1)
            #expect(result.error.contains("cannot write to standard output: \(reason)"), "\(arguments): \(result)")
        }

        @Test("Every command with a result fails where the device is full")
        func results() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 10_000)
            let order = try await shop.order(7, product, wait: 60).expect(200)
            let (id, saga) = (try #require(order["id"].integer), try #require(order["saga_id"].text))
            try await shop.databases[.gateway]?.query(
                "INSERT INTO users (name, email, password_hash) VALUES ('Ann', 'ann@full.example', 'hash')")
            let (keys, stack) = (shop.directory + "/full.json", try await TestStack.shared().state.directory)
            var told: Set<String> = []
            func check(_ arguments: [String]) async throws {
                try await expectFailure(arguments, shop)
                told.insert(arguments.prefix { !$0.hasPrefix("-") }.joined(separator: " "))
            }
            func check(_ arguments: String...) async throws { try await check(arguments) }
            try await check("token", "issue", "--user", "5")
            try await check("token", "keys", "generate", "--file", keys)
            let first = try #require(try SigningKeys(file: keys).keyIDs.first)
            try await check("token", "keys", "rotate", "--file", keys)
            try await check("token", "keys", "list", "--file", keys)
            try await check("token", "keys", "jwks", "--file", keys)
            try await check("token", "keys", "retire", "--file", keys, first)
            // What was to be done is done all the same.
            #expect(try SigningKeys(file: keys).keyIDs.count == 1)
            try await check("migrate", "status")
            try await check("migrate", "down", "--role", "reviews")
            try await check("migrate", "up")
            try await check("saga", "list", "--state", "all")
            try await check("saga", "inspect", "--output", "json", saga)
            try await check("saga", "retry", "--all-stuck")
            try await shop.databases[.customers]?.transaction { transaction in
                // Nobody takes part meanwhile.
                try await transaction.query("LOCK TABLE saga_branches IN EXCLUSIVE MODE")
                let hanging = try #require(try await shop.order(7, product).expect(202)["saga_id"].text)
                try await check("saga", "cancel", "--reason", "a test", hanging)
                try await check(
                    "saga", "resolve", "--participant", "customers", "--reason", "a test", "--dry-run", hanging)
            }
            try await check("queue", "list")
            try await check("queue", "peek", "--output", "json", "products")
            try await check("queue", "replay", "--dry-run", "products")
            try await check("queue", "check")
            try await shop.publishGarbage(to: .products)
            try await eventually("the letter is dead") {
                try await shop.run("queue", "peek", "products", "-o", "json").expect(0).json["total"] == 1
            }
            try await check("queue", "export", "--output", "json", "products")
            let exported = try await shop.run("queue", "export", "products").expect(0).output
            try Data(exported.utf8).write(to: URL(filePath: shop.directory + "/full.jsonl"))
            try await check("queue", "import", "--dry-run", shop.directory + "/full.jsonl")
            try await check("queue", "purge", "--dry-run", "--reason", "a test", "products.dead.v2")
            try await check("queue", "drop", "--all", "--dry-run", "--reason", "a test", "products")
            try await check("error")
            // Its one argument is part of what it prints.
            try await expectFailure(["completion", "bash"], shop)
            told.insert("completion")
            try await check("outbox", "list")
            try await check("outbox", "replay", "--service", "orders", "--since", "1h")
            try await check("order", "place", "--user", "7", "--item", "\(product):1", "--wait")
            try await check("order", "show", "--output", "yaml", "\(id)")
            try await check("order", "story", "--output", "json", "\(id)")
            try await check("user", "list")
            try await check("user", "set-role", "--output", "jsonl", "ann@full.example", "admin")
            try await check("audit", "list")
            try await check("status")
            try await check("health")
            try await check("dev", "status", "--data-dir", stack)
            try await check("dev", "env", "--data-dir", stack)
            try await check("dev", "logs", "--data-dir", stack)
            for arguments in try await catalogueCommands(shop, product) + toolCommands(shop) {
                try await check(arguments)
            }
            try await check("order", "list")
            try await check("order", "watch", "--output", "json", "\(id)")
            try await check("order", "cancel", "--reason", "a test", "\(id)")
            let all = Set(try await commands(leaves: true).map { $0.joined(separator: " ") })
            // Other commands must be added above.
            #expect(all.subtracting(Self.silent) == told)
            #expect(try await shop.run("migrate", "status", "--check").status == 0)
        }

        /// The commands for products, categories, customers and reviews; what a command is about stands behind its flags.
        private func catalogueCommands(_ shop: Shop, _ product: Int64) async throws -> [[String]] {
            let review = try await shop.post(
                "/api/reviews", token: try await shop.token(7),
                body: ["product_id": .integer(product), "evaluation": 5, "text": "Holds."]
            ).expect(200)
            let file = shop.directory + "/full.csv"
            try Data("name,price,amount,category,user_id\nMug,100,1,toys,9\n".utf8).write(to: URL(filePath: file))
            let (json, reason) = (["--output", "json"], ["--reason", "a test"])
            let cup = ["--name", "Cup", "--price", "1", "--amount", "5", "--category", "toys", "--seller", "9"]
            return [
                ["product", "create"] + cup, ["product", "list"], ["product", "show"] + json + ["\(product)"],
                ["product", "update", "--price", "120", "\(product)"],
                ["product", "stock", "--change", "+1", "\(product)"], ["product", "export"],
                ["product", "import"] + json + [file], ["category", "list"], ["category", "create"] + json + ["full"],
                ["category", "rename"] + json + ["full", "fuller"], ["category", "delete"] + json + ["fuller"],
                ["customer", "top-up", "--amount", "1000"] + reason + ["7"], ["customer", "show"] + json + ["7"],
                ["customer", "cart"] + json + ["7"], ["customer", "statement"] + json + ["7"], ["review", "list"],
                ["review", "delete"] + reason + ["\(try #require(review["id"].integer))"],
                ["product", "delete"] + reason + ["\(product)"],
            ]
        }

        /// The commands for migrations, tokens and contexts, and those that look at everything.
        private func toolCommands(_ shop: Shop) async throws -> [[String]] {
            let users = try await shop.run("user", "list", "-o", "json").expect(0).json["users"].list
            let user = try #require(users.first?["id"].integer)
            let (token, folder) = (shop.directory + "/full.token", shop.directory + "/full.migrations")
            try Data(try await shop.token(7).utf8).write(to: URL(filePath: token))
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            let reviews = ["--role", "reviews"]
            return [
                ["migrate", "history"], ["migrate", "verify"], ["migrate", "plan"] + reviews, ["migrate", "lint"],
                ["migrate", "locks"], ["migrate", "wait"], ["migrate", "redo"] + reviews,
                ["migrate", "baseline", "--from-golang-migrate"] + reviews,
                ["migrate", "repair", "--reason", "a test", "--indexes"] + reviews,
                ["migrate", "new", "--dir", folder] + reviews + ["a_name"], ["token", "inspect", "--file", token],
                ["token", "verify", "--file", token], ["token", "revoke", "--user", "\(user)", "--reason", "a test"],
                ["context", "set", "--from-env", "full"], ["context", "list"],
                ["context", "show", "--output", "json", "full"], ["context", "use", "--output", "json", "full"],
                ["context", "delete", "--output", "json", "full"], ["top", "--once"], ["doctor"],
                ["shop", "seed", "--size", "4", "--password-file", shop.directory + "/full.password"],
            ]
        }

        @Test("Every help, the version and the completions fail where the device is full")
        func help() async throws {
            let shop = try Shop.current
            for command in try await commands(leaves: false) { try await expectFailure(command + ["--help"], shop) }
            try await expectFailure(["--version"], shop)
            try await expectFailure(["help", "order", "place"], shop)
            try await expectFailure(["--generate-completion-script", "bash"], shop)
            try await expectFailure(["--experimental-dump-help"], shop)
        }

        @Test("An order that is placed is told by its number, though its report cannot be")
        func order() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(11, 10_000)
            let place = ["order", "place", "--user", "11", "--item", "\(product):1", "--idempotency-key", "full"]
            let result = try await run(place + ["--wait"], ">/dev/full", shop).expect(1)
            let again = try await Shopctl.run(place + ["-o", "json"], environment: shop.environment).expect(0).json
            let id = try #require(again["id"].integer)
            #expect(result.error.contains("order \(id) is placed; its state is confirmed"), "\(result)")
        }

        @Test("Closed output is no socket's output")
        func closed() async throws {
            let shop = try Shop.current
            try await expectFailure(["order", "show", "1"], shop, ">&-", reason: "Bad file descriptor")
            try await expectFailure(["saga", "list"], shop, "<&- >&-", reason: "Bad file descriptor")
            try await expectFailure(["--help"], shop, ">&-", reason: "Bad file descriptor")
        }

        @Test("A reader that has gone ends a command quietly, and not with success")
        func goneReader() async throws {
            let shop = try Shop.current
            for arguments in [["token", "issue", "--user", "5"], ["saga", "list"], ["--help"]] {
                let words = ([try Shopctl.program()] + arguments).map { "'\($0)'" }.joined(separator: " ")
                let result = try await Shell.run(
                    "exec 3> >(exec true); wait $!; \(words) >&3", environment: shop.environment
                ).expect(1)
                #expect(result.error == "", "\(arguments)")
            }
        }
    }
}
