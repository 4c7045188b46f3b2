import Postgres
import FoundationEssentials
import Hosting
import TestSupport
import Testing

extension SystemTests {
    /// The shop at work, in figures.
    @Suite(.inTurn, .shop(.oneProcess), .serialized) struct TopTests {
        @Test("One pair of samples tells rates, queues and the slowest steps, for people and for programs")
        func once() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 1_000)
            try await shop.topUp(7, 10_000)
            let told = try await eventuallyValue("what was placed within the minute is told") {
                for _ in 1...3 { try await shop.order(7, product, wait: 60).expect(200) }
                try await shop.settle()
                let told = try await shop.run("top", "--once", "-o", "json").expect(0)
                return (told.json["orders"]["placed_last_minute"].integer ?? 0) >= 3 ? told : nil
            }
            let top = told.json
            #expect(told.error == "" && top["level"] == "ok" && top["next"] == .null, "\(told)")
            #expect((top["interval_ms"].integer ?? 0) >= 1_000)
            for series in ["placed", "decided"] {
                let figures = top["orders"][series].list.compactMap(\.integer)
                #expect(figures.count == 30 && figures.reduce(0, +) > 0, "\(told)")
            }
            #expect(top["queues"].list.map { $0["ready_per_minute"] } == [0, 0, 0, 0])
            #expect(top["outboxes"].list.map { $0["service"].text } == Role.servers.map(\.rawValue))
            let steps = top["steps"].list.filter { $0["saga"] == "order-placement" }
            #expect(steps.count == 4 && steps.allSatisfy { ($0["count"].integer ?? 0) >= 3 }, "\(told)")
            let slow = top["steps"].list.compactMap { $0["slow_ms"].integer }
            #expect(slow == slow.sorted(by: >))

            let table = try await shop.run("top", "--once").expect(0)
            for part in [" a minute (", "placed   ", "█", "SLOWEST STEPS", "outbox", "nothing needs a hand"] {
                #expect(table.output.contains(part), "\(part): \(table)")
            }
            #expect(!table.output.contains("\u{1B}"))
        }

        @Test("A step that nobody answers is the slowest, though none of its like is over")
        func outstanding() async throws {
            let shop = try Shop.current
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(8, 10_000)
            let customers = try #require(shop.databases[.customers])
            try await customers.transaction { transaction in
                try await transaction.query("LOCK TABLE saga_branches IN EXCLUSIVE MODE")
                try await shop.order(8, product).expect(202)
                try await eventually("the missing vote is told of, with its age") {
                    let steps = try await shop.run("top", "--once", "-o", "json").expect(0).json["steps"].list
                    let step = steps.first { $0["participant"] == "customers" && $0["step"] == "try" }
                    return step?["outstanding"] == 1 && step?["outstanding_ms"].integer ?? 0 > 1_000
                        && steps.first == step
                }
                let table = try await shop.run("top", "--once").expect(0).output
                #expect(table.contains(" 1 for "), "\(table)")
            }
            try await shop.settle()
        }

        @Test("It goes on until nobody looks any more; a source that is away costs its own lines only")
        func watched() async throws {
            let shop = try Shop.current
            let lines = try await Shell.run(
                "\(try Shopctl.program()) top -o jsonl | head -n 2", environment: shop.environment
            ).expect(0).output.split(separator: "\n")
            #expect(try lines.map { try JSON($0.utf8)["schema_version"] } == [3, 3])
            let nowhere = ["SHOPCTL_ORDERS_DATABASE_URL": "postgres://shop:secret@127.0.0.1:9/x"]
            let away = try await shop.run("top", "--once", "-o", "json", environment: nowhere).expect(0).json
            #expect(away["orders"] == .null && away["queues"].list.count == 4 && away["level"] == "critical")
            let told = try await shop.run("top", "--once", environment: nowhere).expect(0).output
            #expect(told.contains("not asked") && told.contains("next: shopctl doctor"), "\(told)")
            #expect(try await Shopctl.run(["top", "--once"]).expect(78).error.contains("--context"))
        }
    }
}
