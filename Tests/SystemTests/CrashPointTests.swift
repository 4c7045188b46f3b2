import Hosting
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// A process that is killed (`SIGKILL`) before or after a commit, a publish or an acknowledgement, at every one of
    /// them that an order meets.
    @Suite(.shop(.fiveProcesses), .serialized) struct CrashPointTests {
        private static let moments = ["before", "after"]

        /// The places of a role, by what it writes and publishes and by what it acknowledges.
        private static func points(writing: [String], acknowledging: [String]) -> [String] {
            moments.flatMap { moment in
                writing.flatMap { ["\(moment)-commit@\($0)", "\(moment)-publish@\($0)"] }
                    + acknowledging.map { "\(moment)-acknowledge@\($0)" }
            }
        }

        private static func type(_ kind: String) -> String { "saga.order-placement.\(kind)" }

        @Test("An order that succeeds survives the crash", arguments: [Role.orders, .products, .customers])
        func confirmed(role: Role) async throws {
            let points =
                role == .orders
                ? Self.points(
                    writing: [Self.type("try"), Self.type("confirm")],
                    acknowledging: [Self.type("vote"), Self.type("done")])
                : Self.points(
                    writing: [Self.type("vote"), Self.type("done")],
                    acknowledging: [Self.type("try"), Self.type("confirm")])
            try await crash(role, at: points, quantity: 1, outcome: "confirmed")
        }

        @Test("An order that fails survives the crash", arguments: [Role.orders, .products, .customers])
        func cancelled(role: Role) async throws {
            let points =
                role == .orders
                ? Self.points(writing: [Self.type("cancel")], acknowledging: [Self.type("done")])
                : Self.points(writing: [Self.type("done")], acknowledging: [Self.type("cancel")])
            // More than the buyer can pay.
            try await crash(role, at: points, quantity: 50, outcome: "rejected")
        }

        private func crash(_ role: Role, at points: [String], quantity: Int64, outcome: String) async throws {
            let shop = try Shop.current
            let process = try shop.process(of: role)
            let product = try await shop.sell(price: 100, amount: 1_000)
            let buyer = 3_000 + Int64(Role.allCases.firstIndex(of: role) ?? 0) * 10 + quantity
            try await shop.topUp(buyer, 4_000)
            for point in points {
                // What the last order has left to say must not be what the process dies of.
                try await shop.settle()
                await process.stop()
                try await process.launch(with: ["SHOPCTL_CRASH_POINT": point])
                try await process.awaitReady()
                let key = "\(role.rawValue)-\(quantity)-\(point)"
                let first = try await shop.order(buyer, product, quantity: quantity, key: key)
                await process.ended()
                try await process.start()
                let id = try await placed(shop, buyer, product, quantity, key: key)
                if first.status == 202 { #expect(first.json["id"] == .integer(id), "\(point)") }
                #expect(try await shop.outcome(buyer, id)["state"] == .text(outcome), "\(point)")
            }
            try await shop.checkInvariants()
            let sold = outcome == "confirmed" ? Int64(points.count) * quantity : 0
            #expect(try await shop.stock(product) == 1_000 - sold)
            #expect(try await shop.balance(buyer) == [4_000 - 100 * sold, 0])
            #expect(
                try await shop.number(.orders, "SELECT count(*) FROM orders WHERE user_id = \(buyer)")
                    == Int64(points.count))
        }

        /// Repeats the request until it is answered, as a client does that was told nothing.
        private func placed(
            _ shop: Shop, _ buyer: Int64, _ product: Int64, _ quantity: Int64, key: String
        ) async throws -> Int64 {
            try await eventuallyValue("order \(key) is taken", timeout: .seconds(90), interval: .milliseconds(50)) {
                // What the dead process had claimed and not used is free when the lease is over.
                try await shop.databases[.orders]?.query(
                    """
                    UPDATE idempotency_keys SET claimed_at = claimed_at - interval '10 minutes'
                    WHERE completed_at IS NULL AND key = \(key)
                    """)
                let reply = try await shop.order(buyer, product, quantity: quantity, key: key)
                #expect([202, 409, 503, 504].contains(reply.status), "\(key): \(reply)")
                return reply.status == 202 ? reply.json["id"].integer : nil
            }
        }
    }
}
