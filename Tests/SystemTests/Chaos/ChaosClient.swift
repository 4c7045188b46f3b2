import Hosting
import NIOCore
import NIOHTTP1
import TestSupport

/// A person who buys, pays in and cancels, at whichever gateway answers, until told to stop.
struct ChaosClient: Sendable {
    let shop: Shop
    let history: ChaosHistory
    let buyer: Int64
    let products: [Int64]
    let isOver: @Sendable () -> Bool

    func run(seed: UInt64) async {
        var generator = SeededGenerator(seed: seed)
        var number = 0
        while !isOver() {
            number += 1
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: await topUp("t-\(buyer)-\(number)", &generator)
            case 1: await cancel(&generator)
            default: await order("o-\(buyer)-\(number)", &generator)
            }
        }
    }

    /// Asks again for what is not known, as a careful client does at the end.
    func resolve() async {
        for (key, topUp) in history.topUps where topUp.buyer == buyer && topUp.outcome == .unknown {
            await send(topUp, key)
        }
        for (key, order) in history.orders where order.buyer == buyer {
            switch order.outcome {
            case .unknown, .acknowledged: await send(order, key)
            case .notDone: break
            }
        }
    }

    /// Orders so often, one after the other, each once.
    func order(times count: Int, _ keys: String) async {
        for number in 0..<count {
            let key = "\(keys)-\(number)"
            let order = ChaosHistory.Order(buyer: buyer, product: products[number % products.count], quantity: 1)
            history.invoke(key, order)
            await send(order, key)
        }
    }

    private func order(_ key: String, _ generator: inout SeededGenerator) async {
        let order = ChaosHistory.Order(
            buyer: buyer, product: products.randomElement(using: &generator) ?? 0,
            quantity: .random(in: 1...3, using: &generator))
        history.invoke(key, order)
        // Some clients repeat what was not answered, some give up.
        for _ in 0...Int.random(in: 0...2, using: &generator) {
            await send(order, key, wait: Bool.random(using: &generator) ? 2 : nil)
            if case .acknowledged = history.orders[key]?.outcome { return }
        }
        // Whoever is turned away comes back later.
        if history.orders[key]?.outcome == .notDone { try? await Task.sleep(for: .milliseconds(100)) }
    }

    private func topUp(_ key: String, _ generator: inout SeededGenerator) async {
        let topUp = ChaosHistory.TopUp(buyer: buyer, amount: .random(in: 1...500, using: &generator))
        history.invoke(key, topUp)
        await send(topUp, key)
    }

    private func cancel(_ generator: inout SeededGenerator) async {
        let mine = history.orders.values.compactMap { order -> Int64? in
            guard order.buyer == buyer, case .acknowledged(let id) = order.outcome else { return nil }
            return id
        }
        guard let id = mine.sorted().suffix(5).randomElement(using: &generator) else { return }
        let reply = try? await send(.POST, "/api/order/\(id)/cancel", by: buyer, .customer, [:], key: nil)
        if let reply, (200..<300).contains(reply.status) { history.noteCancellation(of: id) }
    }

    private func send(_ order: ChaosHistory.Order, _ key: String, wait: Int? = nil) async {
        let body: JSON = [
            "items": [["product_id": .integer(order.product), "quantity": .integer(order.quantity)]]
        ]
        var path = HTTPHeaders()
        if let wait { path.add(name: "Prefer", value: "wait=\(wait)") }
        let begin = ContinuousClock.now
        let reply = try? await send(.POST, "/api/orders", by: order.buyer, .customer, body, key: key, path)
        history.note(order: key, Self.outcome(of: reply, id: \.["id"]), answer: Self.text(reply, since: begin))
    }

    private func send(_ topUp: ChaosHistory.TopUp, _ key: String) async {
        let body: JSON = ["user_id": .integer(topUp.buyer), "amount": .integer(topUp.amount)]
        let begin = ContinuousClock.now
        let reply = try? await send(.POST, "/api/top-ups", by: 1, .admin, body, key: key)
        history.note(
            topUp: key, Self.outcome(of: reply) { _ in .integer(0) }, answer: Self.text(reply, since: begin))
    }

    /// An answer for whoever looks into a broken promise.
    private static func text(_ reply: Reply?, since begin: ContinuousClock.Instant) -> String {
        let wait = reply?.headers.first(name: "Retry-After") ?? "-"
        return "\(reply?.description ?? "none"), Retry-After \(wait), after \(ContinuousClock.now - begin)"
    }

    private func send(
        _ method: HTTPMethod, _ path: String, by user: Int64, _ role: ShopRole, _ body: JSON, key: String?,
        _ headers: HTTPHeaders = [:]
    ) async throws -> Reply {
        var headers = headers
        if let key { headers.add(name: "Idempotency-Key", value: key) }
        history.countRequest()
        let gateway = shop.gateways.randomElement() ?? shop.gateway
        return try await gateway.send(
            method, path, token: try await shop.token(user, role), body: .json(body), headers: headers,
            timeout: .seconds(15))
    }

    /// What an answer promises; none at all promises nothing.
    private static func outcome(of reply: Reply?, id: (JSON) -> JSON) -> ChaosHistory.Outcome {
        guard let reply else { return .unknown }
        switch reply.status {
        case 200..<300: return id(reply.json).integer.map(ChaosHistory.Outcome.acknowledged) ?? .unknown
        // Somebody is at it: the request before this one.
        case 409 where reply.json["code"] == "idempotency_key_in_use": return .unknown
        case 400..<500: return .notDone
        // What invites to try again promises that nothing was done.
        default: return reply.headers.contains(name: "Retry-After") ? .notDone : .unknown
        }
    }
}
