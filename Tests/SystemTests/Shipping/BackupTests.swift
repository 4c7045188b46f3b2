import FoundationEssentials
import Glibc
import Hosting
import NIOHTTP1
import TestSupport
import Testing

@testable import DevStack

extension SystemTests {
    @Suite(.inTurn, .serialized) struct BackupTests {
        @Test("What was backed up is restored elsewhere, and the shop goes on")
        func aShopIsRestored() async throws {
            try await withFixture { fixture in
                let shop = try await Shop.prepare(.oneProcess, on: fixture)
                let folder = shop.directory + "/backup"
                var order: Int64 = 0
                try await shop.run {
                    order = try await soldOrder(in: shop)
                    // Nothing is of one moment while somebody writes.
                    let refused = try await example("backup", folder, shop)
                    #expect(refused.status == 75 && refused.error.contains("the shop runs"), "\(refused)")
                }
                try await example("backup", folder, shop).expect(0)
                let moved = try await Shop.prepare(.oneProcess, on: fixture, migrates: false)
                let missing = try await example("restore", shop.directory, moved)
                #expect(missing.status == 66 && missing.error.contains("no \(shop.directory)/gateway.dump"))
                try await example("restore", folder, moved).expect(0)
                try await moved.run("migrate", "up").expect(0)
                try await moved.run {
                    let shown = try await moved.run("order", "show", "\(order)", "-o", "json")
                    #expect(shown.expect(0).json["state"] == "confirmed")
                    try await moved.checkInvariants()
                    _ = try await soldOrder(in: moved)
                    try await moved.checkInvariants()
                }
            }
        }

        /// The number of an order that was just sold.
        private func soldOrder(in shop: Shop) async throws -> Int64 {
            try await shop.topUp(7, 100_000)
            let reply = try await shop.order(7, try await shop.sell(price: 1_000, amount: 5), wait: 60)
            #expect(reply.expect(200)["state"] == "confirmed")
            return try #require(reply.json["id"].integer)
        }

        private func example(_ name: String, _ folder: String, _ shop: Shop) async throws -> CommandResult {
            let own = [
                "SHOPCTL": try Shopctl.program(),
                "SHOPCTL_ADMIN_LISTEN": String(try shop.process(of: .gateway).admin.origin.dropFirst("http://".count)),
            ]
            return try await Shell.run(
                "exec '\(repositoryPath("examples/\(name)"))' '\(folder)'",
                environment: shop.environment.merging(own) { $1 })
        }
    }
}
