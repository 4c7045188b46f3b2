import FoundationEssentials
import Hosting
import TestSupport
import Testing

extension SystemTests {
    /// All that happened to an order, told from the databases.
    @Suite(.inTurn, .serialized) struct OrderStoryTests {
        @Test("An order's story has its request, sagas, stock, money and notices, also while every server is down")
        func story() async throws {
            try await withShop(.oneProcess) { shop in
                let product = try await shop.sell(price: 100, amount: 10)
                try await shop.topUp(7, 10_000)
                let order = try await shop.order(7, product, quantity: 2, wait: 60).expect(200)
                let id = try #require(order["id"].integer)
                try await shop.settle()
                let whole = try await eventuallyValue("buyer and seller have been told") {
                    let told = try await shop.run("order", "story", "\(id)", "-o", "json").expect(0).json
                    return told["events"].list.filter { $0["event"] == "notified" }.count == 2 ? told : nil
                }
                expectStory(whole, order)
                for process in shop.processes { await process.stop() }
                let down = try await shop.run("order", "story", "\(id)", "-o", "json").expect(0)
                #expect(down.json["events"] == whole["events"] && down.error == "")
                let table = try await shop.run("order", "story", "\(id)").expect(0).output
                for part in [
                    "user 7 placed it: 2 of product \(product), for 2.00 RUB", "DECIDED: confirm",
                    "set 2 of product \(product) aside\n", "took 2 of product \(product) out of stock",
                    "ledger capture", "told user 900",
                ] { #expect(table.contains(part), "\(part): \(table)") }
                try await partly(shop, id)
            }
        }

        private func expectStory(_ story: JSON, _ order: JSON) {
            #expect(story["order"]["id"] == order["id"] && story["order"]["state"] == "confirmed")
            #expect(story["request"]["trace_id"].text?.count == 32)
            #expect(story["request"]["request_id"].text?.count == 36, "the id that its client was told")
            #expect(story["sagas"].list.map { $0["id"] } == [order["saga_id"]])
            let events = story["events"].list
            let names = events.compactMap { $0["event"].text }
            #expect(names.first == "placed", "\(names)")
            for name in [
                "started", "decided", "finished", "stock_reserved", "stock_committed", "ledger_hold", "ledger_capture",
                "notified",
            ] { #expect(names.contains(name), "\(name): \(names)") }
            let places = Set(events.compactMap { $0["place"].text })
            #expect(places.isSuperset(of: ["orders", "products", "customers"]), "\(places)")
            let ranks = ["placed", "vote_recorded", "decided", "finished"].compactMap { names.firstIndex(of: $0) }
            #expect(ranks.count == 4 && ranks == ranks.sorted(), "\(names)")
        }

        /// A database that is away costs its own part of the story.
        private func partly(_ shop: Shop, _ id: Int64) async throws {
            let nowhere = "postgres://shop:secret@127.0.0.1:9/x"
            let without = try await shop.run(
                "order", "story", "\(id)", "-o", "json", environment: ["SHOPCTL_CUSTOMERS_DATABASE_URL": nowhere]
            ).expect(3)
            #expect(without.json["not_asked"].list.map { $0["service"] } == ["customers"], "\(without)")
            let names = without.json["events"].list.compactMap { $0["event"].text }
            #expect(names.contains("stock_reserved") && !names.contains("ledger_hold"))
            #expect(!(without.output + without.error).contains("secret"))
            try await shop.run(
                "order", "story", "\(id)", environment: ["SHOPCTL_ORDERS_DATABASE_URL": nowhere]
            ).expect(69)
            try await shop.run("order", "story", "999999").expect(66)
        }
    }
}
