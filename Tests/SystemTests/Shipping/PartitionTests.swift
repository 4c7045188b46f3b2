import Hosting
import NIOHTTP1
import TestSupport
import Testing

extension SystemTests {
    /// `examples/partition`, as an operator runs it beside a shop at work.
    @Suite(.inTurn, .serialized) struct PartitionTests {
        @Test("Tables are made monthly and single again beside a shop at work, which examines itself and is well")
        func monthsComeAndGo() async throws {
            try await withFixture { fixture in
                let shop = try await Shop.prepare(.oneProcess, on: fixture)
                let usage = try await partition("", shop).expect(64)
                #expect(usage.error.contains("up|add|down"))
                try await shop.run {
                    let product = try await shop.sell(price: 1_000, amount: 50)
                    try await shop.topUp(7, 100_000)
                    func buy() async throws {
                        #expect(try await shop.order(7, product, wait: 60).expect(200)["state"] == "confirmed")
                    }
                    try await buy()
                    for (step, orders) in [("up", 1), ("add", 2), ("down", 3)] {
                        try await partition(step, shop).expect(0)
                        try await buy()
                        let list = try await shop.run("order", "list", "-o", "json").expect(0)
                        #expect(list.json["total"] == .integer(Int64(orders + 1)), "\(list)")
                        try await shop.checkInvariants()
                        let told = try await shop.run("doctor", "-o", "json").expect(0).json
                        #expect(told["findings"].list == [], "after \(step): \(told["findings"])")
                        #expect(told["checked"].list.contains("orders_schema"))
                        try await look(shop, product)
                    }
                }
            }
        }

        /// Reads with every command that looks at what is partitioned.
        private func look(_ shop: Shop, _ product: Int64) async throws {
            for order in try await shop.run("order", "list", "-o", "json").expect(0).json["orders"].list {
                let id = "\(try #require(order["id"].integer))"
                let story = try await shop.run("order", "story", id, "-o", "json").expect(0).json
                let events = Set(story["events"].list.compactMap { $0["event"].text })
                #expect(events.isSuperset(of: ["ledger_hold", "ledger_capture", "stock_committed"]), "\(events)")
                for command in [["saga", "inspect"], ["order", "show"]] {
                    try await Shopctl.run(command + [id], environment: shop.environment).expect(0)
                }
            }
            for command in [
                "customer statement 7", "customer show 7", "product show \(product)", "saga list",
                "saga list --state all", "outbox list", "audit list", "status",
            ] {
                let words = command.split(separator: " ").map(String.init)
                try await Shopctl.run(words, environment: shop.environment).expect(0)
            }
        }

        private func partition(_ arguments: String, _ shop: Shop) async throws -> CommandResult {
            try await Shell.run(
                "exec '\(repositoryPath("examples/partition"))' \(arguments)", environment: shop.environment)
        }
    }
}
