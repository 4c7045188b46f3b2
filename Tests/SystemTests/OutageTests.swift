import DevStack
import Hosting
import NIOHTTP1
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// A shop whose servers go away and come back.
    @Suite(.inTurn, .serialized) struct OutageTests {
        @Test("The database away is a quick 503, the broker away is no hindrance, and both are found again")
        func outages() async throws {
            try await withPrivateServers { servers in
                try await withShop(.oneProcess, on: servers) { shop in
                    let product = try await shop.sell(price: 100, amount: 100)
                    try await shop.topUp(7, 10_000)
                    try await brokerAway(shop, servers, product)
                    try await databaseAway(shop, servers, product)
                    try await shop.checkInvariants()
                    #expect(try await shop.balance(7) == [4_900, 0])
                    #expect(try await shop.stock(product) == 49)
                }
            }
        }

        private func brokerAway(_ shop: Shop, _ servers: PrivateServers, _ product: Int64) async throws {
            try await servers.stack.kill(.rabbitmq)
            var placed: [Int64] = []
            for number in 0..<50 {
                let reply = try await shop.order(7, product, key: "broker-away-\(number)")
                placed.append(try #require(reply.expect(202)["id"].integer, "\(reply)"))
            }
            // They wait, and the shop is still ready.
            #expect(await shop.processes[0].isReady)
            let token = try await shop.token(7)
            #expect(try await shop.get("/api/order/\(placed[0])", token: token).json["state"] == "pending")
            // Their time has come to be sent again, and they are left alone: that nobody answers says nothing of them.
            try await eventually("all are due, and have been for two sweeps") {
                let due = try await shop.number(
                    .orders, "SELECT count(*) FROM sagas WHERE next_attempt_at < now() - interval '3 s'")
                return due == Int64(placed.count)
            }
            #expect(try await shop.number(.orders, "SELECT count(*) FROM saga_log WHERE event = 'resent'") == 0)
            try await servers.stack.start(.rabbitmq)
            for id in placed { #expect(try await shop.outcome(7, id)["state"] == "confirmed") }
        }

        private func databaseAway(_ shop: Shop, _ servers: PrivateServers, _ product: Int64) async throws {
            try await shop.settle()
            let token = try await shop.token(7)
            try await servers.stack.kill(.postgres)
            // Not 504, by the deadline of a call: the shop knows that nobody is there.
            for reply in [
                try await shop.get("/api/products/\(product)"),
                try await shop.get("/api/balance/7", token: token),
                try await shop.get("/api/orders/7", token: token),
                try await shop.order(7, product),
                try await shop.post("/auth/signin", body: ["email": "a@example.com", "password": "some password"]),
            ] {
                reply.expectProblem(503, "database_unavailable")
                #expect(reply.headers.first(name: "Retry-After") == "1")
            }
            try await eventually("the shop says that it is not ready") { await !shop.processes[0].isReady }
            #expect(try await shop.processes[0].admin.send(.GET, "/livez").status == 200)
            try await servers.stack.start(.postgres)
            try await eventually("the shop is ready again") { await shop.processes[0].isReady }
            let order = try await shop.order(7, product, wait: 30).expect(200)
            #expect(order["state"] == "confirmed")
        }
    }
}
