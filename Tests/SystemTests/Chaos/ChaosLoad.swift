import Synchronization
import TestSupport

/// Eight buyers who order, pay in and cancel while something goes on, and what they were told.
struct ChaosLoad: Sendable {
    let shop: Shop
    let history = ChaosHistory()
    /// What the buyers do follows from it.
    let seed: UInt64
    let buyers = (0..<8).map { Int64(1000 + $0) }
    let products: [Int64]

    /// Puts products on sale, and gives every buyer money.
    init(_ shop: Shop, seed: UInt64) async throws {
        self.shop = shop
        self.seed = seed
        var products: [Int64] = []
        for number in 0..<6 {
            products.append(
                try await shop.sell(price: 10 + Int64(number), amount: 1_000_000, seller: 900 + Int64(number)))
        }
        self.products = products
        for buyer in buyers {
            let topUp = ChaosHistory.TopUp(buyer: buyer, amount: 50_000, outcome: .acknowledged(0))
            history.invoke("first-\(buyer)", topUp)
            try await shop.topUp(buyer, topUp.amount, key: "first-\(buyer)")
        }
    }

    /// Has the buyers busy for as long as the body takes; then everything works again, and they ask for what they do
    /// not know.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        let isOver = Atomic(false)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let clients = buyers.map { buyer in client(buyer) { isOver.load(ordering: .acquiring) } }
            for client in clients {
                group.addTask { await client.run(seed: seed &+ UInt64(client.buyer)) }
            }
            let result: Result
            do {
                result = try await body()
            } catch {
                isOver.store(true, ordering: .releasing)
                throw error
            }
            isOver.store(true, ordering: .releasing)
            try await group.waitForAll()
            for process in shop.processes { try await process.awaitReady() }
            for client in clients { await client.resolve() }
            return result
        }
    }

    private func client(_ buyer: Int64, isOver: @escaping @Sendable () -> Bool) -> ChaosClient {
        ChaosClient(shop: shop, history: history, buyer: buyer, products: products, isOver: isOver)
    }

    /// Has four times as many order as do otherwise, each of them several times.
    ///
    /// - Parameter crowd: Tells one crowd from another.
    /// - Returns: How many orders were asked for.
    func comeInACrowd(_ crowd: Int) async -> Int {
        let size = 4 * buyers.count
        let each = 8
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<size {
                let client = client(buyers[index % buyers.count]) { false }
                group.addTask { await client.order(times: each, "crowd-\(crowd)-\(index)") }
            }
        }
        return size * each
    }

    /// Holds the shop, as soon as it has come to rest, against what the buyers were told.
    func judge() async throws {
        try await ChaosJudge(shop: shop, history: history, buyers: buyers).judge()
    }

    /// What was asked for and what came of it, in a line.
    var summary: String {
        let orders = history.orders.values
        let acknowledged = orders.count { if case .acknowledged = $0.outcome { true } else { false } }
        let unknown = orders.count { $0.outcome == .unknown }
        return """
            seed \(seed), \(history.requests) requests, \(orders.count) orders: \(acknowledged) acknowledged, \
            \(unknown) unknown, \(orders.count - acknowledged - unknown) not done; \
            \(history.cancellations.count) cancellations; \(history.violations.count) violations
            """
    }
}
