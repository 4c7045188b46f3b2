import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import TestSupport
import Testing

extension SystemTests {
    /// Names on the tab key, by the scripts that the program writes.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct CompletionTests {
        /// The completions that bash offers for a line which ends at its last word.
        private func complete(_ line: String, environment: [String: String]) async throws -> [String] {
            let folder = try Shopctl.program().split(separator: "/").dropLast().joined(separator: "/")
            let script = """
                set -e
                source <(shopctl completion bash)
                COMP_LINE='\(line)'; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
                eval "set -- $COMP_LINE"; COMP_WORDS=()
                # As the shell takes words apart.
                for word in "$@"; do
                    while [[ "$word" == *:* ]]; do
                        [[ "$word" == :* ]] || COMP_WORDS+=("${word%%:*}")
                        COMP_WORDS+=(:); word="${word#*:}"
                    done
                    [[ -z "$word" ]] || COMP_WORDS+=("$word")
                done
                case "$COMP_LINE" in *' ') COMP_WORDS+=('');; esac
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
                function="$(complete -p shopctl | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
                set +e
                "$function" shopctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>&1
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            let result = try await Shell.run(script, path: ["/" + folder], environment: environment)
            #expect(result.error == "", "\(result)")
            return result.output.split(separator: "\n").map(String.init)
        }

        @Test("Orders, sagas and contexts are offered as they are at that moment")
        func live() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 10_000)
            let placed = try await shop.order(7, product, wait: 60).expect(200)
            let order = try #require(placed["id"].integer)
            let saga = try #require(placed["saga_id"].text)
            try await shop.settle()
            #expect(try await complete("shopctl order show ", environment: shop.environment).contains("\(order)"))
            #expect(try await complete("shopctl order story ", environment: shop.environment).contains("\(order)"))
            let sagas = try await complete("shopctl saga inspect \(saga.prefix(4))", environment: shop.environment)
            #expect(sagas.contains(saga), "\(sagas)")
            #expect(try await complete("shopctl saga inspect zz", environment: shop.environment) == [])
            #expect(try await complete("shopctl saga ins", environment: [:]) == ["inspect"])

            let home = shop.directory + "/completion"
            let named = ["XDG_CONFIG_HOME": home]
            try await Shopctl.run(
                ["context", "set", "here", "--from-env"], environment: shop.environment.merging(named) { $1 }
            ).expect(0)
            #expect(try await complete("shopctl context show ", environment: named) == ["here"])
            #expect(try await complete("shopctl status --context ", environment: named) == ["here"])
            // The line itself says which shop it is.
            let elsewhere = try await complete(
                "shopctl saga inspect --context here \(saga.prefix(4))", environment: named)
            #expect(elsewhere.contains(saga), "\(elsewhere)")
        }

        @Test("Values with a colon are whole, and what is offered is what the argument takes")
        func values() async throws {
            let shop = try Shop.current
            let parts = ["customers", "products", "reviews"]
            // Behind the colon, where the shell puts it.
            #expect(try await complete("shopctl saga list --step confirm:", environment: [:]).sorted() == parts)
            #expect(try await complete("shopctl saga list --step confirm:c", environment: [:]) == ["customers"])
            let participants = try await complete("shopctl saga resolve 1 --participant ", environment: [:])
            #expect(participants.sorted() == parts)
            let numbers = try await complete("shopctl error 10", environment: [:])
            #expect(numbers.contains("101") && numbers.allSatisfy { $0.hasPrefix("10") }, "\(numbers)")

            let keys = shop.directory + "/completion.json"
            try await shop.run("token", "keys", "generate", "--file", keys).expect(0)
            let ids = try SigningKeys(file: keys).keyIDs
            #expect(
                try await complete("shopctl token keys retire --file \(keys) ", environment: [:]) == ids
                    && ids.count == 1)
            var products: [String] = []
            for _ in 1...11 { products.append("\(try await shop.sell(price: 1, amount: 1))") }
            let offered = try await complete("shopctl product show ", environment: shop.environment)
            // The youngest first, as numbers and not as words.
            #expect(Array(offered.prefix(11)) == products.reversed(), "\(offered)")
            let ann = try await shop.number(
                .gateway,
                """
                INSERT INTO users (name, email, password_hash) VALUES ('Ann', 'ann@tab.example', 'hash')
                RETURNING id
                """)
            let people = try await complete("shopctl customer show ", environment: shop.environment)
            #expect(people.first == "\(ann)", "\(people)")
            let toys = try await complete("shopctl product list --category to", environment: shop.environment)
            #expect(toys == ["toys"])
            for line in ["category rename to", "category delete to"] {
                #expect(try await complete("shopctl \(line)", environment: shop.environment) == ["toys"], "\(line)")
            }
            for line in ["user set-role ", "token revoke --user "] {
                let found = try await complete("shopctl \(line)", environment: shop.environment)
                #expect(found.first == "\(ann)", "\(line): \(found)")
            }
        }

        @Test("Columns are offered that the command's list has, behind a comma the next one, each once")
        func columns() async throws {
            let orders = try await complete("shopctl order list --columns ", environment: [:])
            #expect(orders.prefix(4) == ["id", "user_id", "state", "price"] && orders.contains("saga_id"), "\(orders)")
            let next = try await complete("shopctl order list --columns state,id,s", environment: [:])
            #expect(next == ["state,id,saga_id"])
            // Two columns of one member, and other columns for another list.
            let ages = try await complete("shopctl saga list --columns started_at,a", environment: [:])
            #expect(ages == ["started_at,age"])
            let counts = try await complete("shopctl saga list --group-by step --columns ", environment: [:])
            #expect(counts == ["step", "count", "stuck", "oldest_at"])
            for line in ["queue peek orders --retry", "order show 1"] {
                #expect(try await complete("shopctl \(line) --columns ", environment: [:]) == [], "\(line)")
            }
            for shell in ["bash", "zsh", "fish"] {
                let script = try await Shopctl.run(["completion", shell], environment: [:]).expect(0).output
                #expect(script.contains("---completion order list -- --columns "), "\(shell)")
            }
        }

        @Test("Sagas that are over are not offered where nothing can be done about them")
        func openSagas() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(17, 10_000)
            let over = try #require(try await shop.order(17, product, wait: 60).expect(200)["saga_id"].text)
            try await shop.settle()
            func offered(_ command: String) async throws -> [String] {
                try await complete("shopctl saga \(command) ", environment: shop.environment)
            }
            try await shop.databases[.customers]?.transaction { transaction in
                // Nobody takes part meanwhile.
                try await transaction.query("LOCK TABLE saga_branches IN EXCLUSIVE MODE")
                let open = try #require(try await shop.order(17, product).expect(202)["saga_id"].text)
                for command in ["retry", "cancel", "resolve"] {
                    let sagas = try await offered(command)
                    #expect(sagas.contains(open) && !sagas.contains(over), "\(command): \(sagas)")
                }
                #expect(try await offered("inspect").contains(over))
            }
            try await shop.settle()
        }

        @Test("Queues are offered that are there, and by the names that they have where nobody can be asked")
        func queues() async throws {
            let shop = try Shop.current
            let line = "shopctl queue purge products.d"
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            // One of the version before, which no list of names has.
            try await admin.declareQueue("products.dead.v1")
            // The shell would run what stands in this one's name.
            let expanded = "products.dead.$(echo v9)"
            try await admin.declareQueue(expanded)
            let both = try await complete(line, environment: shop.environment)
            #expect(both.sorted() == ["products.dead.v1", "products.dead.v2"])
            try await admin.deleteQueue("products.dead.v1")
            try await admin.deleteQueue(expanded)
            await admin.close()
            #expect(try await complete(line, environment: shop.environment) == ["products.dead.v2"])
            for environment in [["AMQP_URL": "amqp://shop:secret@127.0.0.1:9/x"], [:]] {
                #expect(try await complete(line, environment: environment) == ["products.dead.v2"], "\(environment)")
            }
            let exported = try await complete("shopctl queue export prod", environment: [:])
            #expect(exported.sorted() == ["products", "products.dead.v2"])
            #expect(try await complete("shopctl queue peek prod", environment: [:]) == ["products"])
        }

        @Test("Behind help stand commands")
        func help() async throws {
            #expect(try await complete("shopctl help q", environment: [:]) == ["queue"])
            let all = try await complete("shopctl help ", environment: [:])
            #expect(all.contains("serve") && all.contains("completion"), "\(all)")
            let zsh = try await Shopctl.run(["completion", "zsh"], environment: [:]).expect(0).output
            #expect(zsh.contains("'1:subcommands:(serve "))
            let fish = try await Shopctl.run(["completion", "fish"], environment: [:]).expect(0).output
            #expect(fish.contains(#""shopctl help" -eq 1' -fka 'serve "#))
        }

        @Test("Where the shop is away, or nothing is set, nothing is offered and nothing is said")
        func away() async throws {
            let nowhere = ["SHOPCTL_ORDERS_DATABASE_URL": "postgres://shop:secret@127.0.0.1:9/x"]
            for environment in [nowhere, [:], ["SHOPCTL_CONTEXT": "none"], ["SHOPCTL_NONSENSE": "1"]] {
                for line in ["shopctl order show ", "shopctl saga inspect "] {
                    #expect(try await complete(line, environment: environment) == [], "\(line) \(environment)")
                }
            }
        }
    }
}
