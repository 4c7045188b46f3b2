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
                    "SHOPCTL_ORDERS_BACKLOG": "\(ChaosMonkey.backlog)",
                ]
                let shop = try await Shop.prepare(
                    .twoOfEach, on: servers.fixture, settings: settings,
                    processSettings: { index, own in links[index % links.count].redirect(own) })
                try await shop.run { try await run(shop, servers, links, options) }
            }
        }

        private func run(
            _ shop: Shop, _ servers: PrivateServers, _ links: [ChaosLinks], _ options: ChaosOptions
        ) async throws {
            let load = try await ChaosLoad(shop, seed: options.seed)
            let monkey = ChaosMonkey(
                shop: shop, servers: servers, links: links, options: options, load: load)
            let counts = try await load.run { try await monkey.run() }
            try await load.judge()
            let failures = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) \($0.value)" }
            print("chaos: \(options.duration), \(load.summary); \(failures.joined(separator: ", "))")
            let violations = load.history.violations
            #expect(violations.isEmpty, "seed \(options.seed): \(violations.joined(separator: "\n"))")
        }
    }
}
