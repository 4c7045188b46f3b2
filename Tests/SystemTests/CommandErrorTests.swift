import Testing

extension SystemTests {
    /// How commands fail: by their exit status, in words on standard error, and without secrets. No shop runs.
    @Suite(.inTurn, .serialized) struct CommandErrorTests {
        private static let secret = "s3cr3t-0f-th3-sh0p"

        /// Where everything is said to be, and nothing is: the discard port.
        private static let nowhere = [
            "DATABASE_URL": "postgres://shop:\(secret)@127.0.0.1:9/shop_{role}",
            "AMQP_URL": "amqp://shop:\(secret)@127.0.0.1:9/shop", "REDIS_URL": "redis://:\(secret)@127.0.0.1:9/0",
            "SHOPCTL_ORDERS_ADDRESS": "127.0.0.1:9",
        ]

        /// Expects the status, nothing on standard output, words on standard error, and no secret.
        private func expectFailure(
            _ status: Int32, _ arguments: [String], _ environment: [String: String] = [:],
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let result = try await Shopctl.run(arguments, environment: environment)
                .expect(status, sourceLocation: sourceLocation)
            #expect(result.output == "", "\(arguments): \(result)", sourceLocation: sourceLocation)
            #expect(!result.error.isEmpty, "\(arguments)", sourceLocation: sourceLocation)
            for inside in [Self.secret, "SELECT", ".swift", "RPCError"] {
                #expect(!result.error.contains(inside), "\(arguments): \(result)", sourceLocation: sourceLocation)
            }
        }

        @Test(
            "A backend that cannot be reached: 69",
            arguments: [
                ["saga", "list"], ["order", "story", "1"], ["saga", "inspect", "1"], ["saga", "retry", "--all-stuck"],
                ["queue", "list"],
                ["queue", "peek", "orders"], ["queue", "replay", "orders"],
                ["queue", "drop", "orders", "--message-id", "01234567", "--reason", "x"],
                ["queue", "export", "orders"],
                ["queue", "purge", "orders.dead.v2", "--dry-run", "--reason", "x"],
                ["outbox", "list"], ["migrate", "status"],
                ["migrate", "up"],
                ["migrate", "down", "--role", "orders"], ["migrate", "plan", "--role", "orders"],
                ["migrate", "redo", "--role", "orders"], ["migrate", "verify"], ["migrate", "history"],
                ["migrate", "locks"], ["migrate", "baseline", "--role", "orders", "--from-golang-migrate"],
                ["migrate", "repair", "--role", "orders", "--indexes", "--reason", "x"],
            ])
        func unreachable(arguments: [String]) async throws {
            try await expectFailure(69, arguments, Self.nowhere)
        }

        @Test("A role that cannot be reached: 69")
        func unreachableRole() async throws {
            var environment = Self.nowhere
            environment["SHOPCTL_TOKEN"] = Self.secret
            try await expectFailure(69, ["order", "place", "--user", "7", "--item", "1:1"], environment)
            try await expectFailure(69, ["order", "place", "--user", "7", "--item", "1:1", "--dry-run"], environment)
            try await expectFailure(69, ["order", "show", "1"], environment)
            let told = try await Shopctl.run(["order", "show", "1"], environment: environment).expect(69).error
            #expect(told.hasPrefix("error[SHOP-401]: a role cannot be reached (role orders)\n"), "\(told)")
            #expect(told.contains("127.0.0.1:9, where orders.address (SHOPCTL_ORDERS_ADDRESS)"), "\(told)")
        }

        @Test(
            "Wrong arguments: 64",
            arguments: [
                ["nonsense"], ["order", "nonsense"], ["saga", "inspect"], ["saga", "inspect", "0"],
                ["saga", "list", "--state", "odd"], ["saga", "list", "--limit", "0"], ["saga", "retry"],
                ["queue", "peek", "nobody"], ["queue", "peek", "orders", "--filter", "odd=1"],
                ["outbox", "list", "--state", "odd"], ["queue", "purge", "orders", "--reason", "x"],
                ["queue", "purge", "orders.dead.v2", "--reason", "x"], ["queue", "import", "/dev/null", "--to", "odd"],
                ["queue", "purge", "orders.dead.v2", "--confirm", "orders.dead.v1", "--reason", "x"],
                ["queue", "purge", "nobody.dead.v2", "--reason", "x"], ["queue", "export", "nobody"],
                ["queue", "replay", "orders", "--limit", "0"],
                ["order", "place", "--user", "7", "--item", "1:1", "--nonsense"], ["order", "show", "x"],
                ["order", "place", "--user", "7", "--item", "1:1", "--dry-run", "--wait=30"],
                ["order", "story", "0"],
                ["status", "--watch", "--check"], ["serve"], ["serve", "nobody"],
                ["serve", "all", "--set", "nonsense=1"],
                ["migrate", "up", "--role", "nobody"], ["migrate", "up", "1"], ["migrate", "up", "--to", "2"],
                ["migrate", "up", "1", "--to", "2", "--role", "orders"], ["migrate", "up", "--dir", "/tmp"],
                ["migrate", "down", "--role", "orders", "--to=-1"], ["migrate", "plan", "1"],
                ["migrate", "plan", "--dir", "/tmp"],
                ["migrate", "down", "2", "--role", "orders", "--steps", "2"], ["migrate", "verify", "--dir", "/tmp"],
                ["migrate", "repair", "--role", "orders", "--reason", "x"],
                ["migrate", "repair", "--role", "orders", "--indexes", "--reason", " "],
                ["migrate", "repair", "--role", "orders", "--indexes", "--at", "1", "--reason", "x"],
                ["migrate", "baseline", "--role", "orders"], ["migrate", "new", "No Spaces", "--role", "orders"],
                ["migrate", "lint", "--role", "orders", "--dir", "/tmp"], ["token", "issue"],
                ["saga", "list", "-o", "xml"],
            ])
        func usage(arguments: [String]) async throws {
            try await expectFailure(64, arguments, Self.nowhere)
        }

        @Test("A deed to many that is not confirmed: the same command with --yes, unless a setting stands in it")
        func unconfirmed() async throws {
            let cancel = ["saga", "cancel", "--stuck-for", "10m", "--reason", "the bank's closed"]
            let asked = try await Shopctl.run(cancel, environment: Self.nowhere).expect(64)
            let command = "shopctl saga cancel --stuck-for 10m --reason 'the bank'\\''s closed' --yes"
            #expect(asked.error.contains("hint: \(command)\n"), "\(asked)")
            let secret = try await Shopctl.run(cancel + ["--set", "amqp.url=amqp://shop:\(Self.secret)@h/x"])
                .expect(64)
            #expect(
                secret.error.contains("hint: shopctl saga cancel --help\n") && !secret.error.contains(Self.secret),
                "\(secret)")
        }

        @Test(
            "A setting that is missing or wrong: 78, and no secret is shown, even of what is no URL",
            arguments: [
                ["DATABASE_URL": "postgres://shop:\(secret)@[bad"], ["DATABASE_URL": secret],
                ["DATABASE_URL": "mysql://shop:\(secret)@127.0.0.1/x"],
                ["DATABASE_URL": "postgres://shop:\(secret)@127.0.0.1:port/x"],
                ["DATABASE_URL": "postgres://shop:\(secret)@127.0.0.1/x?sslmode=\(secret)"],
                ["DATABASE_URL": "postgres://shop:\(secret)@127.0.0.1/x?target_session_attrs=\(secret)"],
                ["DATABASE_URL": "postgres://shop:\(secret)@127.0.0.1/x?nonsense=\(secret)"],
                ["DATABASE_URL": "postgres://shop:%zz\(secret)@127.0.0.1/x"], [:],
            ])
        func configuration(environment: [String: String]) async throws {
            try await expectFailure(78, ["saga", "list"], environment)
        }

        @Test(
            "The same of a broker's URL",
            arguments: [
                ["AMQP_URL": "amqp://shop:\(secret)@[bad"], ["AMQP_URL": secret],
                ["AMQP_URL": "amqp://shop:\(secret)@127.0.0.1:port/x"], ["AMQP_URL": "amqp://shop:%zz\(secret)@h/x"],
                [:],
            ])
        func brokerConfiguration(environment: [String: String]) async throws {
            try await expectFailure(78, ["queue", "list"], environment)
        }

        /// Commands that need a shop, each with what the parser asks for.
        private static let needAShop = """
            audit list; category create x; category delete x; category list; category rename x y
            customer cart 1; customer show 1; customer statement 1; customer top-up 1 --amount 5 --reason x
            doctor; migrate baseline --role orders --from-golang-migrate; migrate down --role orders
            migrate history; migrate locks; migrate plan --role orders; migrate redo --role orders
            migrate repair --role orders --indexes --reason x; migrate status; migrate up; migrate verify
            migrate wait; order cancel 1 --reason x; order list; order place --user 1 --item 1:1; order show 1
            order story 1; order watch 1; outbox list; outbox replay --service orders --since 5m
            product create --seller 1 --name x --category toys --price 1 --amount 1; product delete 1 --reason x
            product export -; product list; product show 1; product stock 1 --change 1
            product update 1 --price 2; queue check; queue drop orders --message-id 01234567 --reason x
            queue export orders; queue list; queue peek orders; queue purge orders.dead.v2 --dry-run --reason x
            queue replay orders; review delete 1 --reason x; review list
            saga cancel 01234567-89ab-cdef-0123-456789abcdef --reason x; saga inspect 1; saga list
            saga retry --all-stuck; serve all; shop seed; status; token issue --user 1; token keys list
            token revoke --user 1 --reason x; token verify -; top --once; user list; user set-role a@b.c admin
            """

        @Test("Where nothing says which shop it is, every command names dev env and --context")
        func noShop() async throws {
            let commands = Self.needAShop.split(whereSeparator: { $0 == ";" || $0.isNewline })
            #expect(commands.count == 59)
            for command in commands {
                let words = command.split(separator: " ").map(String.init)
                let result = try await Shopctl.run(words).expect(78)
                let hint = result.error.split(separator: "\n").first { $0.hasPrefix("  hint: ") } ?? ""
                #expect(hint.contains("shopctl dev env") && hint.contains("--context NAME"), "\(command): \(result)")
            }
            // This one has an address of its own to ask, of which nobody may know anything.
            let health = try await Shopctl.run(["health", "--set", "admin.listen=127.0.0.1:9"]).expect(69)
            #expect(health.error.contains("shopctl dev env") && health.error.contains("--context NAME"), "\(health)")
        }

        @Test("A password among the arguments is refused, and not repeated")
        func passwordInArguments() async throws {
            let url = "postgres://shop:\(Self.secret)@127.0.0.1:9/x"
            try await expectFailure(78, ["saga", "list", "--database-url", url])
            try await expectFailure(78, ["saga", "list", "--set", "database.url=\(url)"])
            try await expectFailure(78, ["serve", "orders", "--orders-database-url", url])
        }

        @Test("Files that are not there or not as they should be")
        func files() async throws {
            try await expectFailure(78, ["serve", "all", "--config", "/nonexistent/shop.json"])
            // Another shop's settings would not mend it.
            let wrong = try await Shopctl.run(["order", "list", "--config", "/nonexistent/shop.json"]).expect(78)
            #expect(wrong.error.hasSuffix("hint: shopctl order list --help\n"), "\(wrong)")
            try await expectFailure(66, ["token", "keys", "list", "--file", "/nonexistent/keys.json"])
            try await expectFailure(65, ["token", "keys", "list", "--file", "/dev/null"])
            try await expectFailure(64, ["queue", "drop", "orders", "--all", "--reason", "x"], Self.nowhere)
            try await expectFailure(64, ["queue", "drop", "orders", "--reason", "x"], Self.nowhere)
        }

        @Test("Every command has a help with examples, which is data")
        func help() async throws {
            // What the help of every command says, told at once.
            let dump = try await Shopctl.run(["--experimental-dump-help"]).expect(0).json
            var count = 0
            func check(_ command: JSON, _ name: String) {
                count += 1
                let text = command["discussion"].text ?? ""
                #expect(text.contains("EXAMPLES:") && text.contains(name), "\(name)")
                // Longer lines are wrapped, and cannot be pasted: a manual page has them three columns further in.
                for line in text.split(separator: "\n").drop(while: { $0 != "EXAMPLES:" }) {
                    #expect(line.count <= 77, "\(name): \(line)")
                }
                for child in command["subcommands"].list {
                    if let word = child["commandName"].text, word != "help" { check(child, "\(name) \(word)") }
                }
            }
            check(dump["command"], "shopctl")
            // Defaults are told in the form in which they are given.
            for command in [["order", "place"], ["queue", "replay"], ["token", "issue"]] {
                let help = try await Shopctl.run(command + ["--help"]).expect(0).output
                #expect(!help.contains("Argument("), "\(help)")
            }
            #expect(try await Shopctl.run(["order", "place", "--help"]).output.contains("30s"))
            #expect(count > 25)
            for command in [[], ["serve"], ["order", "place"], ["token", "keys", "generate"]] {
                let help = try await Shopctl.run(command + ["--help"]).expect(0)
                #expect(help.output.contains("EXAMPLES:"), "\(command)")
                #expect(help.output.contains("USAGE: " + (["shopctl"] + command).joined(separator: " ")))
                #expect(help.error == "", "\(command)")
            }
        }

        @Test("The completions offer states, sagas, services and error numbers")
        func completions() async throws {
            for shell in ["bash", "zsh", "fish"] {
                let script = try await Shopctl.run(["completion", shell]).expect(0).output
                for word in [
                    "stuck", "confirming", "order-placement", "product-deletion", "customers", "SHOP-101", "jsonl",
                ] {
                    #expect(script.contains(word), "\(shell): \(word)")
                }
            }
        }

        @Test("The version is data")
        func version() async throws {
            let result = try await Shopctl.run(["--version"]).expect(0)
            #expect(result.output.split(separator: ".").count == 3)
            #expect(result.error == "")
        }
    }
}
