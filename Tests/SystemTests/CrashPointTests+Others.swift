import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import TestSupport
import Testing

@testable import DevStack

extension SystemTests.CrashPointTests {
    /// The same for the other sagas, for the events that follow from them, and for messages that move.
    @Suite(.inTurn, .shop(.fiveProcesses), .serialized) struct OfTheRest {
        @Test("A cancellation survives a crash", arguments: [Role.orders, .customers])
        func cancellation(role: Role) async throws {
            let shop = try Shop.current
            let process = try shop.process(of: role)
            let product = try await shop.sell(price: 100, amount: 1_000)
            let buyer: Int64 = role == .orders ? 3_201 : 3_202
            let token = try await shop.token(buyer)
            try await shop.topUp(buyer, 4_000)
            let points =
                role == .orders
                ? points(of: "order-cancellation", writing: ["try"], acknowledging: ["vote"])
                : points(of: "order-cancellation", writing: ["vote", "done"], acknowledging: ["confirm"])
            for point in points {
                let id = try await placed(shop, buyer, product, 1, key: "cancelled-\(role.rawValue)-\(point)")
                #expect(try await shop.outcome(buyer, id)["state"] == "confirmed", "\(point)")
                // The sellers' money is there.
                try await shop.settle()
                func cancel() async throws -> Reply {
                    try await shop.post("/api/order/\(id)/cancel", token: token, body: [:])
                }
                _ = try await process.crash(at: point) { try await cancel() }
                try await eventually("order \(id) is cancelled, after \(point)", interval: .milliseconds(50)) {
                    let state = try await shop.get("/api/order/\(id)", token: token).json["state"]
                    // Whoever was to begin it may have ended before.
                    if state == "confirmed" { _ = try await cancel() }
                    return state == "cancelled"
                }
            }
            try await shop.checkInvariants()
            #expect(try await shop.stock(product) == 1_000)
            #expect(try await shop.balance(buyer) == [4_000, 0])
        }

        @Test("A product's deletion survives a crash", arguments: [Role.products, .reviews])
        func deletion(role: Role) async throws {
            let shop = try Shop.current
            let process = try shop.process(of: role)
            let seller = try await shop.token(900)
            let points =
                role == .products
                ? points(of: "product-deletion", writing: ["confirm"], acknowledging: ["vote"])
                : points(of: "product-deletion", writing: ["vote"], acknowledging: ["confirm"])
            for point in points {
                let product = try await shop.sell(price: 100, amount: 5)
                try await shop.settle()
                _ = try await process.crash(at: point) {
                    try await shop.delete("/api/products/\(product)", token: seller)
                }
                try await eventually("product \(product) is deleted, after \(point)", interval: .milliseconds(50)) {
                    try await shop.number(
                        .products, "SELECT count(*) FROM sagas WHERE subject_id = \(product) AND phase = 'confirmed'")
                        == 1
                }
            }
            try await shop.checkInvariants()
        }

        @Test(
            "What an order's buyer and the reviews are told survives a crash",
            arguments: [Role.orders, .customers, .reviews])
        func event(role: Role) async throws {
            let shop = try Shop.current
            let process = try shop.process(of: role)
            let product = try await shop.sell(price: 100, amount: 1_000)
            let buyer: Int64 = role == .orders ? 3_301 : role == .customers ? 3_302 : 3_303
            try await shop.topUp(buyer, 4_000)
            for point in ["before", "after"].map({
                "\($0)-\(role == .orders ? "publish" : "acknowledge")@order.confirmed"
            }) {
                try await shop.settle()
                let key = "told-\(role.rawValue)-\(point)"
                _ = try await process.crash(at: point) { try await shop.order(buyer, product, key: key) }
                let id = try await placed(shop, buyer, product, 1, key: key)
                #expect(try await shop.outcome(buyer, id)["state"] == "confirmed", "\(point)")
                try await eventually("it is told once, after \(point)", interval: .milliseconds(50)) {
                    let notices = try await shop.number(
                        .customers,
                        "SELECT count(*) FROM notifications WHERE kind = 'order_confirmed' AND order_id = \(id)")
                    let purchases = try await shop.number(
                        .reviews, "SELECT count(*) FROM purchases WHERE order_id = \(id)")
                    return notices == 1 && purchases == 1
                }
            }
            try await shop.checkInvariants()
        }

        @Test("A message on its way to the dead letters, or on trial, is never lost in a crash")
        func move() async throws {
            let shop = try Shop.current
            let process = try shop.process(of: .customers)
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            for point in ["before-move@saga.order-placement.try", "after-move@saga.order-placement.try"] {
                try await shop.settle()
                _ = try await process.crash(at: point) { try await shop.publishGarbage(to: .customers, from: "tests") }
                // What was moved and not acknowledged moves again.
                let letters = point.hasPrefix("after") ? 2 : 1
                try await eventually("it is a dead letter, after \(point)", interval: .milliseconds(50)) {
                    try await admin.checkQueue("customers.dead.v2").messages == letters
                }
                try await shop.run("queue", "drop", "customers", "--all", "--yes", "--reason", "the end of a test")
                    .expect(0)
            }
            await admin.close()
            for point in ["before-acknowledge@order.confirmed", "after-acknowledge@order.confirmed"] {
                try await shop.settle()
                let id = UUID()
                _ = try await process.crash(at: point) {
                    try await put(id, into: "customers.inbox.v2", of: shop, headers: ["shop-attempt": 1])
                }
                try await shop.settle()
                #expect(try await handlings(of: id, by: .customers, shop) == 1, "\(point)")
            }
        }

        @Test("A letter that is sent back is not lost if the command is killed")
        func replay() async throws {
            let shop = try Shop.current
            let place = try shop.process(of: .reviews).log + ".replay"
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            for point in ["before-move@order.confirmed", "after-move@order.confirmed"] {
                try await shop.settle()
                let id = UUID()
                try await put(
                    id, into: "reviews.dead.v2", of: shop,
                    headers: [
                        "shop-dead-reason": "tired", "shop-dead-error-class": "exhausted",
                        "shop-dead-service": "reviews",
                    ])
                try writeFileAtomically(place, Array(point.utf8), mode: 0o600)
                let killed = try await shop.run(
                    "queue", "replay", "reviews", environment: ["SHOPCTL_CRASH_POINT_FILE": place])
                #expect(killed.status == -1, "\(point): \(killed)")
                try await eventually("the letter is there, after \(point)") {
                    try await admin.checkQueue("reviews.dead.v2").messages == 1
                }
                let again = try await shop.run("queue", "replay", "reviews", "-o", "json").expect(0).json
                #expect(again["messages"].list.map { $0["outcome"] } == ["handled"], "\(point): \(again)")
                try await shop.settle()
                #expect(try await handlings(of: id, by: .reviews, shop) == 1, "\(point)")
            }
            await admin.close()
        }
    }
}

/// The places of a saga, by what its messages are that are written and published, and acknowledged.
private func points(of saga: String, writing: [String], acknowledging: [String]) -> [String] {
    func type(_ kind: String) -> String { "saga.\(saga).\(kind)" }
    return ["before", "after"].flatMap { moment in
        writing.flatMap { ["\(moment)-commit@\(type($0))", "\(moment)-publish@\(type($0))"] }
            + acknowledging.map { "\(moment)-acknowledge@\(type($0))" }
    }
}

/// Puts the news of a confirmed order without lines into a queue.
private func put(_ id: UUID, into queue: String, of shop: Shop, headers: [String: HeaderValue]) async throws {
    let publisher = RabbitMQPublisher(configuration: shop.broker, logger: testLogger)
    let body = #"{"schema_version":1,"order_id":1000000001,"user_id":7,"total":1,"currency":"RUB","lines":[]}"#
    let outcome = try await publisher.publish(
        RabbitMQMessage(
            exchange: "", routingKey: queue, body: Array(body.utf8),
            properties: MessageProperties(
                messageID: id.uuidString.lowercased(), type: "order.confirmed", appID: "orders", timestamp: Date(),
                headers: headers)))
    await publisher.close()
    #expect(outcome == .confirmed)
}

/// How often a service has handled a message.
private func handlings(of id: UUID, by role: Role, _ shop: Shop) async throws -> Int64 {
    try await shop.number(role, "SELECT count(*) FROM inbox WHERE message_id = \(id)")
}
