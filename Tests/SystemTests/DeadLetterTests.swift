import FoundationEssentials
import Glibc
import Hosting
import Postgres
import RabbitMQ
import Subprocess
import TestSupport
import Testing

@testable import DevStack

extension SystemTests {
    /// Dead letters as an operator meets them: chosen, sent back with care, taken along and put away.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct DeadLetterTests {
        private static let queue = "reviews.dead.v2"

        /// Puts letters into reviews' dead letters that it handles, or cannot read, when they are sent back.
        ///
        /// - Returns: Their ids.
        @discardableResult
        private func bury(
            _ count: Int, _ shop: Shop, isGood: Bool = true, type: String = "order.confirmed", saga: String? = nil,
            age: Double = 60, ids named: [String]? = nil
        ) async throws -> [String] {
            let publisher = RabbitMQPublisher(configuration: shop.broker, logger: testLogger)
            let body =
                isGood
                ? #"{"schema_version":1,"order_id":1,"user_id":7,"total":1,"currency":"EUR","lines":[]}"# : "no json"
            let ids = named ?? (0..<count).map { _ in UUID().uuidString.lowercased() }
            let outcomes = try await publisher.publish(
                ids.map { id in
                    RabbitMQMessage(
                        exchange: "", routingKey: Self.queue, body: Array(body.utf8),
                        properties: MessageProperties(
                            messageID: id, correlationID: saga, type: type, appID: "orders", timestamp: Date(),
                            headers: [
                                "shop-dead-reason": .string(isGood ? "tired" : "broken"),
                                "shop-dead-error-class": .string(isGood ? "exhausted" : "undecodable"),
                                "shop-dead-service": "reviews",
                                "shop-dead-at": .int(Int64(Date().timeIntervalSince1970 - age)),
                            ]))
                })
            await publisher.close()
            #expect(outcomes.allSatisfy { $0 == .confirmed })
            return ids
        }

        private func dead(_ shop: Shop, _ filters: String...) async throws -> Int64? {
            try await Shopctl.run(
                ["queue", "peek", "reviews", "-o", "json"] + filters.flatMap { ["--filter", $0] },
                environment: shop.environment
            ).expect(0).json["total"].integer
        }

        /// Drops what a test has left.
        private func clear(_ shop: Shop) async throws {
            try await shop.run("queue", "drop", "reviews", "--all", "--yes", "--reason", "the end of a test").expect(0)
            #expect(try await dead(shop) == 0)
        }

        @Test("Letters are chosen by type, reason, saga and age, alike where they are shown, sent back and dropped")
        func filters() async throws {
            let shop = try Shop.current
            let saga = UUID().uuidString.lowercased()
            try await bury(2, shop, age: 7200)
            try await bury(1, shop, type: "order.cancelled", saga: saga)
            try await bury(1, shop, isGood: false)
            #expect(try await dead(shop) == 4)
            let listed = try await shop.run("queue", "list", "-o", "json").expect(0).json["queues"].list
            let inbox = try #require(listed.first { $0["queue"] == "reviews.inbox.v2" })
            #expect(inbox["dead"] == 4 && inbox["retrying"] == 0 && inbox["missing_bindings"] == .null, "\(inbox)")
            let oldest = try Date(
                try #require(inbox["oldest_at"].text),
                strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            #expect(oldest < Date() - 7200 && oldest > Date() - 10_000, "\(inbox)")
            let table = try await shop.run("queue", "list").expect(0).output
            #expect(table.contains("reviews.dead.v2") && !table.contains("reviews.retry"), "\(table)")
            #expect(try await shop.run("queue", "list", "-o", "wide").expect(0).output.contains("reviews.retry.5s"))
            #expect(try await dead(shop, "type=order.confirmed") == 3)
            #expect(try await dead(shop, "type=order.*", "reason=exhausted") == 3)
            #expect(try await dead(shop, "saga=\(saga.prefix(8))") == 1)
            #expect(try await dead(shop, "older=1h") == 2)
            #expect(try await dead(shop, "newer=1h", "reason=broken") == 1)

            let dry = try await shop.run(
                "queue", "replay", "reviews", "--filter", "older=1h", "--dry-run", "-o", "json"
            ).expect(0).json
            #expect(dry["count"] == 2 && dry["stopped"] == .null)
            let sent = try await shop.run("queue", "replay", "reviews", "--filter", "older=1h", "-o", "json").expect(0)
            #expect(sent.json["messages"].list.map { $0["outcome"] } == ["handled", "handled"], "\(sent)")
            let drop = ["queue", "drop", "reviews", "--filter", "reason=broken", "--reason", "a test's"]
            let asked = try await Shopctl.run(drop, environment: shop.environment).expect(64)
            let confirmed = "hint: shopctl queue drop reviews --filter 'reason=broken' --reason 'a test'\\''s' --yes\n"
            #expect(asked.error.contains(confirmed), "\(asked)")
            let dropped = try await Shopctl.run(drop + ["--yes", "-o", "json"], environment: shop.environment).expect(0)
            #expect(dropped.json["count"] == 1)
            #expect(try await dead(shop) == 1)
            // That a condition holds for none is no fault.
            try await shop.run("queue", "replay", "reviews", "--filter", "type=nothing").expect(0)
            try await clear(shop)
        }

        @Test("The beginning of several ids drops none of their letters, unless all are meant")
        func ambiguous() async throws {
            let shop = try Shop.current
            try await bury(3, shop, ids: ["poison-00", "poison-001", "poison-002"])
            func drop(_ id: String, _ more: String...) async throws -> CommandResult {
                try await Shopctl.run(
                    ["queue", "drop", "reviews", "--message-id", id, "--reason", "bad"] + more,
                    environment: shop.environment)
            }
            let refused = try await drop("poison-0").expect(64)
            #expect(refused.error.contains("(poison-00, poison-001, poison-002)"), "\(refused)")
            let hint = "hint: shopctl queue drop reviews --message-id poison-0 --reason bad --dry-run\n"
            #expect(refused.error.contains(hint), "\(refused)")
            #expect(try await drop("poison-0", "--dry-run", "-o", "json").expect(0).json["count"] == 3)
            #expect(try await dead(shop) == 3)
            // That very id is no beginning.
            let one = try await drop("poison-00", "-o", "json").expect(0).json["messages"].list
            #expect(one.map { $0["message_id"] } == ["poison-00"])
            try await drop("poison-00").expect(64)
            #expect(try await drop("poison-00", "--yes", "-o", "json").expect(0).json["count"] == 2)
            #expect(try await dead(shop) == 0)
            try await drop("poison-00").expect(66)
        }

        @Test("Canaries that are not handled keep the others back; those that are let them go")
        func canary() async throws {
            let shop = try Shop.current
            try await bury(1, shop, isGood: false)
            try await bury(3, shop)
            let stopped = try await shop.run("queue", "replay", "reviews", "--canary", "1", "-o", "json").expect(3)
            #expect(stopped.json["count"] == 1 && stopped.json["stopped"] == "canary", "\(stopped)")
            #expect(stopped.error.contains("SHOP-207") && stopped.error.contains("queue peek reviews"))
            #expect(try await dead(shop) == 4)
            let sent = try await shop.run(
                "queue", "replay", "reviews", "--canary", "1", "--filter", "reason=tired", "-o", "json"
            ).expect(0)
            #expect(sent.json["count"] == 3 && sent.json["stopped"] == .null, "\(sent)")
            #expect(sent.json["messages"].list.allSatisfy { $0["outcome"] == "handled" }, "\(sent)")
            #expect(try await dead(shop) == 1)
            try await clear(shop)
        }

        @Test("No more letters fail than may")
        func failures() async throws {
            let shop = try Shop.current
            try await bury(1, shop)
            try await bury(4, shop, isGood: false)
            let stopped = try await shop.run(
                "queue", "replay", "reviews", "--stop-after-failures", "2", "-o", "json"
            ).expect(3)
            let outcomes = stopped.json["messages"].list.map { $0["outcome"] }
            #expect(outcomes == ["handled", "died_again", "died_again"], "\(stopped)")
            #expect(stopped.json["stopped"] == "failures" && stopped.error.contains("SHOP-207"))
            #expect(try await dead(shop) == 4)
            // Those that have failed are behind the others: each is tried once.
            let all = try await shop.run(
                "queue", "replay", "reviews", "--stop-after-failures", "9", "-o", "json"
            ).expect(3)
            #expect(all.json["count"] == 4 && all.json["died_again"] == 4 && all.json["stopped"] == .null, "\(all)")
            #expect(all.error.contains("SHOP-804"))
            try await clear(shop)
        }

        @Test("What is interrupted tells the command that goes on, and that one does")
        func interrupted() async throws {
            let shop = try Shop.current
            try await bury(3, shop)
            let log = shop.directory + "/interrupted.log"
            let process = try await ChildProcess.start(
                Command(
                    program: try Shopctl.program(),
                    arguments: ["queue", "replay", "reviews", "--rate", "1/h", "--limit", "3"],
                    environment: Shopctl.baseEnvironment.merging(shop.environment) { $1 }, directory: "/"), log: log)
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            try await eventually("the first is sent") { try await admin.checkQueue(Self.queue).messages == 2 }
            await admin.close()
            process.send(SIGINT)
            await process.ended()
            let told = String(decoding: readSmallFile(log) ?? [], as: UTF8.self)
            #expect(process.status == .exited(3), "\(told)")
            #expect(told.contains("error[SHOP-208]: interrupted: 1 was sent back, the others stay"), "\(told)")
            let command = try #require(told.split(separator: "\n").last { $0.contains("hint: ") })
            #expect(command == "  hint: shopctl queue replay reviews --limit 2 --rate 1/h", "\(told)")
            #expect(try await dead(shop) == 2)
            let rest = try await shop.run("queue", "replay", "reviews", "--rate", "100/s", "-o", "json").expect(0)
            #expect(rest.json["count"] == 2, "\(rest)")
        }

        @Test("Letters are taken along in a file and put back, where they died or to be handled")
        func exported() async throws {
            let shop = try Shop.current
            let good = try await bury(2, shop)
            try await bury(1, shop, isGood: false)
            let file = shop.directory + "/letters.jsonl"
            let written = try await Shell.run(
                "\(try Shopctl.program()) queue export \(Self.queue) > \(file)", environment: shop.environment
            ).expect(0)
            #expect(written.error == "3 of 3 dead letters of reviews written; they stay\n")
            #expect(try await dead(shop) == 3)
            let lines = String(decoding: readSmallFile(file) ?? [], as: UTF8.self)
            #expect(try await shop.run("queue", "export", "reviews", "-o", "jsonl", "-q").expect(0).output == lines)
            let first = try JSON(try #require(lines.split(separator: "\n").first).utf8)
            #expect(
                first["properties"]["message_id"].text == good[0] && first["headers"]["shop-dead-reason"] == "tired")
            let unseen = try await shop.run("queue", "export", "reviews.inbox.v2").expect(65)
            #expect(unseen.error.contains("SHOP-210") && unseen.error.contains("queue export \(Self.queue)"))

            try await clear(shop)
            let dry = try await shop.run("queue", "import", file, "--dry-run", "-o", "json").expect(0).json
            #expect(dry["count"] == 3 && dry["queues"][0]["queue"].text == Self.queue)
            #expect(try await dead(shop) == 0)
            // One bad line among good ones, and nothing is imported.
            let bad = try await shop.run("queue", "import", "-", input: lines + #"{"service":"reviews"}"#).expect(65)
            #expect(bad.error.contains("error[SHOP-209]: line 4: body or body_base64"), "\(bad)")
            #expect(try await dead(shop) == 0)
            try await shop.run("queue", "import", file).expect(0)
            #expect(try await dead(shop) == 3)
            #expect(try await shop.run("queue", "export", "reviews").expect(0).output == lines)

            // In the inbox what can be handled is, and what cannot dies again.
            try await clear(shop)
            try await shop.run("queue", "import", file, "--to", "inbox").expect(0)
            try await eventually("the bad one is dead again") { try await dead(shop, "reason=undecodable") == 1 }
            let reviews = try #require(shop.databases[.reviews])
            try await eventually("the others are handled") {
                try await reviews.query(
                    "SELECT 1 FROM inbox WHERE message_id = ANY(\(good.compactMap(UUID.init))::uuid[])"
                ).count == 2
            }
            #expect(try await dead(shop) == 1)
            try await clear(shop)
        }

        @Test("What is sent back or put in is noted first, with the reason; where that cannot be, nothing goes")
        func noted() async throws {
            let shop = try Shop.current
            let ids = try await bury(2, shop)
            let file = shop.directory + "/noted.jsonl"
            let exported = try await shop.run("queue", "export", "reviews").expect(0).output
            try Data(exported.utf8).write(to: URL(filePath: file))
            let replay = ["queue", "replay", "reviews", "--reason", "the cause is mended"]
            let put = ["queue", "import", file, "--reason", "kept for the night"]
            func trail() async throws -> String {
                try await shop.run("audit", "list", "-o", "jsonl").expect(0).output
            }
            let sent = ids.map { #""action":"queue.replay \#($0)","reason":"the cause is mended""# }
            let imported = #""action":"queue.import \#(Self.queue) (2)","reason":"kept for the night""#
            let nowhere = ["SHOPCTL_REVIEWS_DATABASE_URL": "postgres://shop:x@127.0.0.1:9/x"]
            for deed in [replay, put] {
                for more in [[], ["--dry-run"]] {
                    let refused = try await Shopctl.run(
                        deed + more, environment: shop.environment.merging(nowhere) { $1 }
                    ).expect(69)
                    #expect(refused.error.contains("audit trail of reviews"), "\(refused)")
                }
                try await Shopctl.run(deed + ["--dry-run"], environment: shop.environment).expect(0)
            }
            #expect(try await dead(shop) == 2)
            let before = try await trail()
            #expect(!before.contains(imported) && !sent.contains { before.contains($0) }, "\(before)")

            try await Shopctl.run(replay, environment: shop.environment).expect(0)
            #expect(try await dead(shop) == 0)
            try await Shopctl.run(put, environment: shop.environment).expect(0)
            #expect(try await dead(shop) == 2)
            let after = try await trail()
            #expect(after.contains(imported) && sent.allSatisfy { after.contains($0) }, "\(after)")
            try await clear(shop)
        }

        @Test("A queue is purged by its name alone, with the reason kept")
        func purged() async throws {
            let shop = try Shop.current
            try await bury(3, shop)
            let purge = ["queue", "purge", Self.queue, "--reason", "all from a test"]
            let dry = try await Shopctl.run(purge + ["--dry-run", "-o", "json"], environment: shop.environment).expect(
                0)
            #expect(dry.json["count"] == 3 && dry.json["dry_run"] == true)
            for wrong in [[], ["--confirm", "reviews"], ["--confirm", "reviews.inbox.v2"]] {
                let refused = try await Shopctl.run(purge + wrong, environment: shop.environment).expect(64)
                #expect(refused.error.contains("SHOP-211") && refused.error.contains("--confirm \(Self.queue)"))
            }
            // No line in the audit trail, no deed.
            let nowhere = ["SHOPCTL_REVIEWS_DATABASE_URL": "postgres://shop:x@127.0.0.1:9/x"]
            let confirmed = purge + ["--confirm", Self.queue]
            try await Shopctl.run(confirmed, environment: shop.environment.merging(nowhere) { $1 }).expect(69)
            #expect(try await dead(shop) == 3)
            let done = try await Shopctl.run(confirmed + ["-o", "json"], environment: shop.environment).expect(0)
            #expect(done.json["count"] == 3 && done.json["dry_run"] == false)
            #expect(try await dead(shop) == 0)
            let audit = try await shop.run("audit", "list", "-o", "jsonl").expect(0).output
            #expect(
                audit.contains(#""action":"queue.purge \#(Self.queue) (3)","reason":"all from a test""#), "\(audit)")
            // A person at a terminal types it.
            try await bury(1, shop)
            let typed = try await Shell.run(
                "echo \(Self.queue) | script -qec '\(try Shopctl.program()) queue purge \(Self.queue) --reason typed' /dev/null",
                environment: shop.environment
            ).expect(0)
            #expect(typed.output.contains("type its name") && typed.output.contains("1 message of"), "\(typed)")
            #expect(try await dead(shop) == 0)
        }

        @Test("Outboxes are listed page by page, by service, type, state and time")
        func outboxes() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 10_000)
            for _ in 1...2 { try await shop.order(7, product, wait: 60).expect(200) }
            try await shop.settle()
            let confirmed = ["outbox", "list", "--service", "orders", "--type", "order.confirmed", "-o", "json"]
            func list(_ more: String...) async throws -> JSON {
                try await Shopctl.run(confirmed + more, environment: shop.environment).expect(0).json
            }
            try await eventually("both are published") { try await list("--state", "published")["total"] == 2 }
            #expect(try await list("--state", "unsent", "--state", "failing")["total"] == 0)
            let page = try await list("--limit", "1")
            let message = page["messages"][0]
            #expect(page["total"] == 2 && message["service"] == "orders" && message["type"] == "order.confirmed")
            #expect(message["published_at"] != .null && message["attempts"] == 0)
            let next = try await list("--cursor", try #require(page["next_cursor"].text))
            #expect(next["messages"].list.count == 1 && next["next_cursor"] == .null)
            #expect(next["messages"][0]["id"] != message["id"])
            // What is sent again keeps its time; the sending is a line of its own.
            let order = try #require(message["saga_id"].text)
            func lines(_ event: String) async throws -> [JSON] {
                try await shop.run("saga", "inspect", order, "-o", "json").expect(0).json["timeline"].list
                    .filter { $0["event"].text == event }
            }
            let sent = try await lines("order.confirmed_sent")
            #expect(sent.count == 1)
            try await shop.run("outbox", "replay", "--service", "orders", "--since", "1h").expect(0)
            try await eventually("it is sent again") { try await lines("order.confirmed_resent").count == 1 }
            #expect(try await lines("order.confirmed_sent") == sent)
            let replayed = try await list("--limit", "1")["messages"][0]
            #expect(replayed["published_at"] == message["published_at"] && replayed["replayed_at"] != .null)
            #expect(try await list("--until", "1h")["total"] == 0)
            let all = try await shop.run("outbox", "list", "--columns", "service,type", "--no-headers").expect(0).output
            #expect(all.contains("orders") && all.contains("order.confirmed"), "\(all)")
            // A source that is missing is told by the status.
            let away = ["SHOPCTL_ORDERS_DATABASE_URL": "postgres://shop:x@127.0.0.1:9/x"]
            let partly = try await shop.run("outbox", "list", "-o", "json", environment: away).expect(3)
            #expect(partly.error.contains("not asked: orders"), "\(partly)")
        }
    }
}
