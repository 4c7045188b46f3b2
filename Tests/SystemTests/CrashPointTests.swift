import Hosting
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// A process that is killed (`SIGKILL`) before or after a commit, a publish or an acknowledgement, at every one of
    /// them that an order meets; each role's in a shop of its own.
    @Suite enum CrashPointTests {
        @Suite(.inTurn, .shop(.fiveProcesses), .serialized) struct OfOrders {
            @Test("An order that succeeds survives a crash of orders")
            func confirmed() async throws {
                let points = points(writing: ["try", "confirm"], acknowledging: ["vote", "done"])
                try await crash(.orders, at: points, quantity: 1, outcome: "confirmed")
            }

            @Test("An order that fails survives a crash of orders")
            func cancelled() async throws {
                try await crash(
                    .orders, at: points(writing: ["cancel"], acknowledging: ["done"]), quantity: tooMany,
                    outcome: "rejected")
            }
        }

        @Suite(.inTurn, .shop(.fiveProcesses), .serialized) struct OfProducts {
            @Test("An order that succeeds survives a crash of products")
            func confirmed() async throws { try await participantCrash(.products) }

            @Test("An order that fails survives a crash of products")
            func cancelled() async throws { try await cancellingCrash(.products) }
        }

        @Suite(.inTurn, .shop(.fiveProcesses), .serialized) struct OfCustomers {
            @Test("An order that succeeds survives a crash of customers")
            func confirmed() async throws { try await participantCrash(.customers) }

            @Test("An order that fails survives a crash of customers")
            func cancelled() async throws { try await cancellingCrash(.customers) }
        }
    }
}

/// More than a buyer of these tests can pay.
private let tooMany: Int64 = 50

/// The places of a role, by what it writes and publishes and by what it acknowledges.
private func points(writing: [String], acknowledging: [String]) -> [String] {
    func type(_ kind: String) -> String { "saga.order-placement.\(kind)" }
    return ["before", "after"].flatMap { moment in
        writing.flatMap { ["\(moment)-commit@\(type($0))", "\(moment)-publish@\(type($0))"] }
            + acknowledging.map { "\(moment)-acknowledge@\(type($0))" }
    }
}

private func participantCrash(_ role: Role) async throws {
    let points = points(writing: ["vote", "done"], acknowledging: ["try", "confirm"])
    try await crash(role, at: points, quantity: 1, outcome: "confirmed")
}

private func cancellingCrash(_ role: Role) async throws {
    try await crash(
        role, at: points(writing: ["done"], acknowledging: ["cancel"]), quantity: tooMany, outcome: "rejected")
}

private func crash(_ role: Role, at points: [String], quantity: Int64, outcome: String) async throws {
    let shop = try Shop.current
    let process = try shop.process(of: role)
    let product = try await shop.sell(price: 100, amount: 1_000)
    let buyer = 3_000 + quantity
    try await shop.topUp(buyer, 4_000)
    for point in points {
        // What the last order has left to say must not be what the process dies of.
        try await shop.settle()
        let key = "\(role.rawValue)-\(quantity)-\(point)"
        let first = try await process.crash(at: point) {
            try await shop.order(buyer, product, quantity: quantity, key: key)
        }
        let id = try await placed(shop, buyer, product, quantity, key: key)
        if first.status == 202 { #expect(first.json["id"] == .integer(id), "\(point)") }
        #expect(try await shop.outcome(buyer, id)["state"] == .text(outcome), "\(point)")
    }
    try await shop.checkInvariants()
    let sold = outcome == "confirmed" ? Int64(points.count) * quantity : 0
    #expect(try await shop.stock(product) == 1_000 - sold)
    #expect(try await shop.balance(buyer) == [4_000 - 100 * sold, 0])
    #expect(
        try await shop.number(.orders, "SELECT count(*) FROM orders WHERE user_id = \(buyer)") == Int64(points.count))
}

/// Repeats the request until it is answered, as a client does that was told nothing.
func placed(
    _ shop: Shop, _ buyer: Int64, _ product: Int64, _ quantity: Int64, key: String
) async throws -> Int64 {
    try await eventuallyValue("order \(key) is taken", timeout: .seconds(90), interval: .milliseconds(50)) {
        let reply = try await shop.order(buyer, product, quantity: quantity, key: key)
        #expect([202, 409, 503, 504].contains(reply.status), "\(key): \(reply)")
        return reply.status == 202 ? reply.json["id"].integer : nil
    }
}
