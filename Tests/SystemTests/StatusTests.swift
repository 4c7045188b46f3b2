import DevStack
import FoundationEssentials
import Hosting
import NIOHTTP1
import Postgres
import RabbitMQ
import TestSupport
import Testing

extension SystemTests {
    /// The operator's screen, of a real shop that is well and of one that lacks this or that.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct StatusTests {
        private static let nowhere = "127.0.0.1:9"

        /// Asks how the shop is, and expects that nothing but the words of the answer are on standard error.
        private func status(
            _ shop: Shop, _ arguments: String..., environment: [String: String] = [:], expecting status: Int32 = 0,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> CommandResult {
            let admin = ["SHOPCTL_ADMIN_URL": try shop.process(of: .gateway).admin.origin]
            let result = try await Shopctl.run(
                ["status"] + arguments,
                environment: shop.environment.merging(admin) { $1 }.merging(environment) { $1 }
            ).expect(status, sourceLocation: sourceLocation)
            #expect(result.error == "", sourceLocation: sourceLocation)
            return result
        }

        private func kinds(_ result: CommandResult) -> [String] {
            result.json["findings"].list.compactMap { $0["kind"].text }
        }

        @Test("Of a shop that is well everything is told, and nothing needs a hand")
        func well() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 10_000)
            try await shop.order(7, product, wait: 60).expect(200)
            try await shop.settle()
            let result = try await status(shop, "--check", "-o", "json")
            let told = result.json
            #expect(told["level"] == "ok" && told["findings"].list == [], "\(result)")
            let version = try await Shopctl.run(["--version"]).expect(0).output
            #expect(told["version"].text == version.split(separator: "\n").first.map(String.init))
            let process = told["processes"][0]
            #expect(process["answers"] == true && process["ready"] == true && process["version"] == told["version"])
            #expect(process["roles"].list.compactMap(\.text) == Role.allCases.map(\.rawValue))
            #expect(told["roles"].list.map { $0["state"] } == Array(repeating: "ready", count: 4))
            #expect(told["databases"].list.map { $0["role"].text } == Role.allCases.map(\.rawValue))
            #expect(told["databases"].list.allSatisfy { $0["state"] == "ok" && $0["schema"]["pending"] == 0 })
            #expect(told["broker"]["state"] == "ok" && told["redis"]["state"] == "ok")
            #expect(told["broker"]["queues"].list.count == 4)
            #expect(told["orders"]["undecided"] == 0)
            #expect(told["sagas"].list.map { $0["coordinator"] } == ["products", "orders"])
            let table = try await status(shop).output
            for part in ["nothing needs a hand", "process", "0 undecided", "0 stuck", "UNACKED", "ready"] {
                #expect(table.contains(part), "\(part): \(table)")
            }
        }

        @Test("A source that is away costs its own lines only, and the exit status of a check")
        func addresses() async throws {
            let shop = try Shop.current
            let nobody = ["SHOPCTL_CUSTOMERS_DATABASE_URL": "postgres://shop:secret@\(Self.nowhere)/x"]
            let database = try await status(shop, "-o", "json", environment: nobody)
            #expect(database.json["level"] == "critical" && kinds(database) == ["database_away"], "\(database)")
            let states = database.json["databases"].list.map { $0["state"].text ?? "" }
            #expect(states == ["ok", "ok", "ok", "away", "ok"])
            #expect(database.json["broker"]["queues"].list.count == 4 && database.json["orders"] != .null)
            let table = try await status(shop, "--check", environment: nobody, expecting: 2).output
            #expect(table.contains("critical customers: ") && !table.contains("secret"), "\(table)")
            #expect(table.contains("next: shopctl doctor\n"), "\(table)")

            let orders = ["SHOPCTL_ORDERS_DATABASE_URL": "postgres://shop:secret@\(Self.nowhere)/x"]
            #expect(try await status(shop, "-o", "json", environment: orders).json["orders"] == .null)
            let broker = ["AMQP_URL": "amqp://shop:secret@\(Self.nowhere)/shop"]
            let unsent = try await status(shop, "--check", "-o", "json", environment: broker, expecting: 2)
            #expect(kinds(unsent) == ["broker_away"] && unsent.json["broker"]["queues"].list == [], "\(unsent)")
            // The shop goes on without Redis, and with one address of two.
            let cache = ["REDIS_URL": "redis://:secret@\(Self.nowhere)/0"]
            let uncached = try await status(shop, "--check", "-o", "json", environment: cache, expecting: 1)
            #expect(kinds(uncached) == ["redis_away"] && uncached.json["level"] == "warning")
            let address = try #require(shop.environment["SHOPCTL_REVIEWS_ADDRESS"])
            let replica = ["SHOPCTL_REVIEWS_ADDRESS": "\(address),\(Self.nowhere)"]
            let poorer = try await status(shop, "--check", "-o", "json", environment: replica, expecting: 1)
            #expect(kinds(poorer) == ["role_away"], "\(poorer)")
            let gone = ["SHOPCTL_REVIEWS_ADDRESS": Self.nowhere]
            let without = try await status(shop, "--check", environment: gone, expecting: 2).output
            #expect(without.contains("next: shopctl serve reviews\n"), "\(without)")
            let silent = ["SHOPCTL_ADMIN_URL": "http://\(Self.nowhere)"]
            let unheard = try await status(shop, "--check", "-o", "json", environment: silent, expecting: 2)
            #expect(kinds(unheard) == ["process_away"] && unheard.json["processes"][0]["ready"] == .null)
            // One URL for several databases is no place of any of them.
            let shared = try await Shopctl.run(
                ["status", "--check", "-o", "json"], environment: ["DATABASE_URL": "postgres://\(Self.nowhere)/x"]
            ).expect(2)
            let reason = shared.json["databases"][0]["reason"].text
            #expect(reason?.contains("would give one database to several roles") == true, "\(shared)")
            // What nothing names is left out, and no fault.
            let unnamed = ["SHOPCTL_REVIEWS_DATABASE_URL": "", "REDIS_URL": ""]
            let fewer = try await status(shop, "--check", "-o", "json", environment: unnamed)
            #expect(fewer.json["redis"]["state"] == "not_set" && fewer.json["databases"][4]["state"] == "not_set")
        }

        @Test("A pending migration is a warning, with the command that applies it")
        func pending() async throws {
            let shop = try Shop.current
            try await shop.run("migrate", "down", "--role", "reviews").expect(0)
            // Nobody is asked who might not be ready because of it.
            let unasked = ["SHOPCTL_ADMIN_URL": "", "SHOPCTL_REVIEWS_ADDRESS": ""]
            let result = try await status(shop, "--check", environment: unasked, expecting: 1).output
            #expect(result.contains("warning reviews: 1 migration is pending"), "\(result)")
            #expect(result.contains("next: shopctl migrate up --role reviews\n"), "\(result)")
            try await eventually("the role is told not to be ready, with the same command") {
                try await shop.run("status", "-o", "json").json["findings"].list.contains {
                    $0["kind"] == "role_not_ready" && $0["next"] == "shopctl migrate up --role reviews"
                }
            }
            try await shop.run("migrate", "up").expect(0)
            // A process looks at its databases in rounds of its own.
            try await eventually("the role is ready again") { try await shop.run("status", "--check").status == 0 }
        }

        @Test("A dead letter and a stuck saga are critical, each with the command that looks at it")
        func critical() async throws {
            let shop = try Shop.current
            let letter = try await shop.publishGarbage(to: .products)
            try await eventually("the letter is told") {
                try await shop.run("status", "-o", "json").json["findings"].list.contains {
                    $0["kind"] == "dead_letters"
                }
            }
            let dead = try await status(shop, "--check", expecting: 2).output
            #expect(dead.contains("next: shopctl queue peek products\n"), "\(dead)")
            try await shop.run("queue", "drop", "products", "--message-id", letter, "--reason", "a test").expect(0)

            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(8, 10_000)
            let customers = try #require(shop.databases[.customers])
            try await customers.transaction { transaction in
                // Nobody takes part meanwhile.
                try await transaction.query("LOCK TABLE saga_branches IN ACCESS EXCLUSIVE MODE")
                let saga = try #require(try await shop.order(8, product).expect(202)["saga_id"].text)
                let impatient = ["SHOPCTL_SAGA_STUCK_AFTER": "1"]
                try await eventually("the saga is told to be stuck") {
                    try await shop.run("status", "-o", "json", environment: impatient).json["findings"].list.contains {
                        $0["kind"] == "sagas_stuck"
                    }
                }
                let stuck = try await status(shop, "--check", "-o", "json", environment: impatient, expecting: 2)
                let finding = stuck.json["findings"].list.first { $0["kind"] == "sagas_stuck" }
                #expect(finding?["next"].text == "shopctl saga inspect \(saga)", "\(stuck)")
                #expect(stuck.json["orders"]["undecided"] == 1)
                #expect(stuck.json["sagas"][1]["longest_stuck"]["id"].text == saga)
            }
            try await shop.settle()
            let over = try await status(shop, "--check", "-o", "json").json
            #expect(over["sagas"][1]["stuck"] == 0 && over["sagas"][1]["longest_stuck"] == .null)
        }

        @Test(
            "However often a monitor looks, a message that waits to be tried again comes no nearer to a delivery limit")
        func limited() async throws {
            let shop = try Shop.current
            let queue = "reviews.retry.300s.v2"
            let id = UUID().uuidString.lowercased()
            try await withFixture { fixture in
                _ = try await fixture.stack.broker.evaluate(
                    """
                    rabbit_policy:set(<<"\(shop.broker.virtualHost)">>, <<"foreign">>, <<"^reviews.retry.">>, \
                    [{<<"delivery-limit">>, 3}], 0, <<"queues">>, <<"test">>)
                    """)
            }
            let publisher = RabbitMQPublisher(configuration: shop.broker, logger: testLogger)
            let outcome = try await publisher.publish(
                RabbitMQMessage(
                    exchange: "", routingKey: queue, body: Array("no json".utf8),
                    properties: MessageProperties(messageID: id, type: "order.confirmed")))
            await publisher.close()
            #expect(outcome == .confirmed)
            for _ in 0..<5 {
                let told = try await status(shop, "--check", expecting: 1).output
                #expect(told.contains("warning reviews: 1 failed and wait to be tried again"), "\(told)")
                #expect(told.contains(": shopctl queue peek reviews --retry\n"), "\(told)")
            }
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            let waiting = try await admin.get(queue: queue, limit: 9)
            await admin.close()
            #expect(waiting.map(\.properties.messageID) == [id])
            #expect(waiting.map(\.redelivered) == [false], "nobody has taken it")
            try await shop.forgetRetried(by: .reviews)
        }

        @Test("A locked table is told with who keeps it, and whoever needs it is told to try again")
        func lockedTable() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(9, 10_000)
            let order = try #require(try await shop.order(9, product, wait: 60).expect(200)["id"].integer)
            try await shop.settle()
            let token = try await shop.token(9)
            let orders = try #require(shop.databases[.orders])
            try await orders.transaction { transaction in
                let pid = try await transaction.query("SELECT pg_backend_pid()").decode(Int32.self)[0]
                try await transaction.query("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
                try await eventually("the lock is told") {
                    // What is idle for too long is ended by the server.
                    try await transaction.query("SELECT 1")
                    let told = try await shop.run("status", "-o", "json").json["findings"].list
                    let found = told.first { $0["kind"] == "table_locked" && $0["subject"] == "orders" } ?? .null
                    return found["next"].text == "shopctl migrate locks --role orders"
                        && found["text"].text?.contains("pid \(pid)") == true
                }
                let show = try await shop.run("order", "show", "\(order)").expect(75)
                #expect(show.error.contains("SHOP-106") && show.output == "", "\(show)")
                #expect(show.error.contains("hint: shopctl migrate locks\n"), "\(show)")
                try await transaction.query("SELECT 1")
                let reply = try await shop.get("/api/orders/9", token: token)
                reply.expectProblem(503, "database_busy")
                #expect(reply.headers.first(name: "Retry-After") == "1")
                try await transaction.query("SELECT 1")
                let locks = try await shop.run("migrate", "locks", "--role", "orders", "-o", "json").expect(0)
                #expect(try JSONSchema(name: "migration-locks").faults(in: locks.json) == [])
                let session = locks.json["sessions"].list.first { $0["pid"] == .integer(Int64(pid)) } ?? .null
                #expect(session["part"] == "blocks" && session["tables"] == ["orders"], "\(locks)")
            }
            try await eventually("nothing needs a hand") { try await shop.run("status", "--check").status == 0 }
        }

        @Test("What does not answer is named with its address, and bindings that are not checked are told")
        func placesOfAway() async throws {
            let shop = try Shop.current
            let nobody: [String: String] = [
                "REDIS_URL": "redis://:hunter2@127.0.0.1:9/0",
                "SHOPCTL_AMQP_MANAGEMENT_URL": "http://shop:hunter2@127.0.0.1:9",
            ]
            let told = try await status(shop, "--check", "-o", "json", environment: nobody, expecting: 1)
            #expect(told.json["redis"]["address"] == "127.0.0.1:9" && told.json["broker"]["address"].text != nil)
            let cache = ["REDIS_URL": "redis://:hunter2@127.0.0.1:9/0"]
            let table = try await status(shop, environment: cache)
            let line = table.output.split(separator: "\n").first { $0.hasPrefix("redis ") }
            #expect(line?.contains("127.0.0.1:9 ") == true, "its address is shown while it is away: \(table)")
            #expect(table.output.contains("next: shopctl doctor\n"), "\(table)")
            let doctor = try await shop.run("doctor", environment: cache).expect(3)
            let advice = "see that it runs and lets shopctl in: Redis at 127.0.0.1:9 (redis.url)"
            #expect(doctor.output.contains("away Redis at 127.0.0.1:9: Redis cannot be reached"), "\(doctor)")
            #expect(doctor.error.contains("hint: \(advice)"), "\(doctor)")
            let texts = Dictionary(
                told.json["findings"].list.map { ($0["kind"].text ?? "", $0["text"].text ?? "") },
                uniquingKeysWith: { first, _ in first })
            #expect(texts["redis_away"]?.contains("127.0.0.1:9") == true, "\(told)")
            #expect(texts["bindings_unchecked"]?.contains("http://127.0.0.1:9 does not answer") == true, "\(told)")
            let list = try await shop.run("queue", "list", "-o", "json", environment: nobody).expect(3)
            let queues = list.json["queues"].list.compactMap { $0["queue"].text }
            #expect(queues.contains("products.inbox.v2"), "\(list)")
            let check = try await shop.run("queue", "check", environment: nobody).expect(3)
            #expect(check.output.contains("products.inbox.v2"), "\(check)")
            let way = "SHOPCTL_AMQP_MANAGEMENT_URL has to be that of "
            #expect(list.error.contains(way), "\(list)")
            #expect(check.error.contains("hint: \(way)"), "\(check)")
            // The broker is away too: it is told as the broker's, with both addresses and no library's names.
            let silent = nobody.merging(["AMQP_URL": "amqp://shop:hunter2@127.0.0.1:9/shop"]) { $1 }
            let blamed = try await shop.run("queue", "list", environment: silent).expect(69)
            #expect(blamed.error.hasPrefix("error[SHOP-201]: the broker cannot be reached (127.0.0.1:9)"), "\(blamed)")
            for part in [
                "127.0.0.1:9: Connection refused\n", "interface at http://127.0.0.1:9 does not answer: ",
                "hint: shopctl doctor\n",
            ] {
                #expect(blamed.error.contains(part), "\(part): \(blamed)")
            }
            for name in ["hunter2", "errno", "HTTPClient", "connectionFailed", "NIO"] {
                #expect(!blamed.error.contains(name), "\(name): \(blamed)")
            }
            let isLeaked = [told, table, doctor, blamed, list, check].contains {
                ($0.output + $0.error).contains("hunter2")
            }
            #expect(!isLeaked)
        }

        @Test(
            "One server that has several databases and is away is named once, and no hint leads back to where it stands"
        )
        func sharedServer() async throws {
            let shop = try Shop.current
            var nowhere: [String: String] = [:]
            for role in Role.allCases {
                let name = "SHOPCTL_\(role.rawValue.uppercased())_DATABASE_URL"
                nowhere[name] = "postgres://shop:hunter2@\(Self.nowhere)/shop_\(role.rawValue)"
            }
            let server = "PostgreSQL at 127.0.0.1:9, with the databases of gateway, products, orders, customers"
            let told = try await status(shop, "--check", "-o", "json", environment: nowhere, expecting: 2)
            #expect(kinds(told) == ["database_away"], "\(told)")
            let finding = told.json["findings"][0]
            #expect(finding["text"].text?.hasPrefix("\(server) and reviews: a database cannot be reached: ") == true)
            #expect(finding["next"] == "shopctl doctor")
            let migrations = try await shop.run("migrate", "status", environment: nowhere).expect(69)
            #expect(migrations.error.contains("  cause: \(server), reviews: a database cannot be"), "\(migrations)")
            #expect(migrations.error.split(separator: "\n").count { $0.contains("cause: ") } == 1, "\(migrations)")
            #expect(migrations.error.hasSuffix("  hint: shopctl doctor\n"), "\(migrations)")
            let doctor = try await shop.run("doctor", environment: nowhere).expect(3)
            #expect(doctor.output.contains("away \(server) and reviews: a database cannot be reached: "), "\(doctor)")
            #expect(doctor.output.split(separator: "\n").count { $0.contains("cannot be reached") } == 1, "\(doctor)")
            let keys = Role.allCases.map { "\($0.rawValue).database.url" }.joined(separator: ", ")
            let setting = "PostgreSQL at 127.0.0.1:9 (\(keys))"
            #expect(doctor.error.contains("hint: see that it runs and lets shopctl in: \(setting)"), "\(doctor)")
            let isLeaked = [told, migrations, doctor].contains { ($0.output + $0.error).contains("hunter2") }
            #expect(!isLeaked)
        }

        @Test("The process ends without the exit handlers of the libraries that its threads have used")
        func end() async throws {
            let shop = try Shop.current
            // The loader tells on standard error what it begins and ends.
            let told = try await shop.run("status", "--check", "-o", "json", environment: ["LD_DEBUG": "files"]).expect(
                0)
            #expect(told.json["level"] == "ok", "standard output is written out")
            func calls(_ kind: String) -> [Substring] {
                told.error.split(separator: "\n").filter { $0.contains("calling \(kind): ") }
            }
            for library in ["libpq", "libcrypto"] {
                #expect(calls("init").contains { $0.contains(library) }, "\(library) is there")
                #expect(calls("fini").filter { $0.contains(library) } == [])
            }
        }

        @Test("It is watched until nobody reads any more, and is wrong usage beside a check")
        func watched() async throws {
            let shop = try Shop.current
            let result = try await Shell.run(
                "\(try Shopctl.program()) status -o jsonl --watch | head -n 2", environment: shop.environment
            ).expect(0)
            #expect(try result.output.split(separator: "\n").map { try JSON($0.utf8)["schema_version"] } == [2, 2])
            try await shop.run("status", "--watch", "--check").expect(64)
            let nothing = try await Shopctl.run(["status"]).expect(78)
            #expect(nothing.output == "" && nothing.error.contains("shopctl dev env"), "\(nothing)")
        }
    }
}
