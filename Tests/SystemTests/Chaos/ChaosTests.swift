import Synchronization
import TestSupport
import Testing

extension SystemTests {
    /// Two processes of every role under load, while servers, processes and links fail.
    @Suite(.inTurn, .serialized) struct ChaosTests {
        @Test("Whatever fails, nothing acknowledged is lost, and nothing is done twice")
        func chaos() async throws {
            let options = ChaosOptions.environment
            try await withPrivateServers(durable: true) { servers in
                let links = [ChaosLinks(to: servers.state), ChaosLinks(to: servers.state)]
                defer { for link in links { link.close() } }
                let settings = [
                    "SHOPCTL_RPC_DEADLINE": "5", "SHOPCTL_SAGA_DEADLINE": "120",
                ]
                let shop = try await Shop.prepare(.twoOfEach, on: servers.fixture, settings: settings) { index, own in
                    links[index % links.count].redirect(own)
                }
                try await shop.run { try await run(shop, servers, links, options) }
            }
        }

        private func run(
            _ shop: Shop, _ servers: PrivateServers, _ links: [ChaosLinks], _ options: ChaosOptions
        ) async throws {
            let history = ChaosHistory()
            let buyers = (0..<8).map { Int64(1000 + $0) }
            var products: [Int64] = []
            for number in 0..<6 {
                products.append(
                    try await shop.sell(price: 10 + Int64(number), amount: 1_000_000, seller: 900 + Int64(number)))
            }
            for buyer in buyers {
                let topUp = ChaosHistory.TopUp(buyer: buyer, amount: 50_000, outcome: .acknowledged(0))
                history.invoke("first-\(buyer)", topUp)
                try await shop.topUp(buyer, topUp.amount, key: "first-\(buyer)")
            }
            let isOver = Atomic(false)
            let counts = try await withThrowingTaskGroup(of: Void.self) { [products] group in
                let clients = buyers.map { buyer in
                    ChaosClient(shop: shop, history: history, buyer: buyer, products: products) {
                        isOver.load(ordering: .acquiring)
                    }
                }
                for client in clients {
                    group.addTask { await client.run(seed: options.seed &+ UInt64(client.buyer)) }
                }
                let monkey = ChaosMonkey(
                    shop: shop, servers: servers, links: links, options: options, history: history)
                let counts: [ChaosMonkey.Failure: Int]
                do {
                    counts = try await monkey.run()
                } catch {
                    isOver.store(true, ordering: .releasing)
                    throw error
                }
                isOver.store(true, ordering: .releasing)
                try await group.waitForAll()
                for process in shop.processes { try await process.awaitReady() }
                for client in clients { await client.resolve() }
                return counts
            }
            try await ChaosJudge(shop: shop, history: history, buyers: buyers).judge()
            report(options, history, counts)
            #expect(history.violations.isEmpty, "seed \(options.seed): \(history.violations.joined(separator: "\n"))")
        }

        private func report(
            _ options: ChaosOptions, _ history: ChaosHistory, _ counts: [ChaosMonkey.Failure: Int]
        ) {
            let orders = history.orders.values
            let acknowledged = orders.count { if case .acknowledged = $0.outcome { true } else { false } }
            let unknown = orders.count { $0.outcome == .unknown }
            let failures = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) \($0.value)" }
            print(
                """
                chaos: seed \(options.seed), \(options.duration), \(history.requests) requests, \
                \(orders.count) orders: \(acknowledged) acknowledged, \(unknown) unknown, \
                \(orders.count - acknowledged - unknown) not done; \(history.cancellations.count) cancellations; \
                \(failures.joined(separator: ", ")); \(history.violations.count) violations
                """)
        }
    }
}
