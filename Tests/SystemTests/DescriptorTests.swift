import Glibc
import Hosting
import NIOHTTP1
import TestClients
import TestSupport
import Testing

extension SystemTests {
    /// A shop with few descriptors, and clients that take more of them than there are.
    @Suite(.inTurn, .serialized, .timeLimit(.minutes(60))) struct DescriptorTests {
        /// Connections on which nothing is ever said.
        private final class IdleConnections: Sendable {
            private let descriptors: [Int32]

            /// Opens so many to a port of this machine; all of them, if need be by waiting in the server's queue.
            ///
            /// - Parameter sources: The addresses that they come from, in turn: the last parts of 127.0.0.x.
            init(_ count: Int, to port: Int, from sources: ClosedRange<Int> = 1...1) throws {
                var descriptors: [Int32] = []
                for number in 0..<count {
                    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
                    try #require(descriptor >= 0)
                    descriptors.append(descriptor)
                    let source = sources.lowerBound + number % sources.count
                    try #require(Self.with("127.0.0.\(source)", port: 0) { bind(descriptor, $0, $1) } == 0)
                    _ = Self.with("127.0.0.1", port: port) { connect(descriptor, $0, $1) }
                }
                self.descriptors = descriptors
            }

            private static func with(
                _ host: String, port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
            ) -> Int32 {
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = UInt16(port).bigEndian
                address.sin_addr.s_addr = inet_addr(host)
                return withUnsafePointer(to: &address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
            }

            deinit { for descriptor in descriptors { close(descriptor) } }
        }

        private func gatewayPort(_ shop: Shop) throws -> Int {
            try #require(shop.gateway.origin.split(separator: ":").last.flatMap { Int($0) })
        }

        /// Asks the gateway as another client of this machine does.
        private func ask(_ shop: Shop, from source: String, _ path: String) async throws -> RawAnswer? {
            let address = HostPort(host: "127.0.0.1", port: try gatewayPort(shop))
            var answer: RawAnswer?
            try? await RawSocket.with(address, from: source) { socket in
                try await socket.send("GET \(path) HTTP/1.1\r\nHost: \(address)\r\n\r\n")
                answer = await socket.answer()
            }
            return answer
        }

        private func expectSales(_ shop: Shop, _ product: Int64, _ count: Int) async throws {
            var ids: Set<Int64> = []
            for _ in 0..<count {
                let order = try await shop.order(7, product, wait: 30).expect(200)
                #expect(order["state"] == "confirmed")
                ids.insert(try #require(order["id"].integer))
            }
            #expect(ids.count == count)
        }

        @Test("With 256 descriptors and 400 idle connections to a listener the shop goes on")
        func fewDescriptors() async throws {
            try await withShop(.oneProcess, openFiles: 256) { shop in
                let product = try await shop.sell(price: 10, amount: 1000)
                try await shop.topUp(7, 100_000)
                try await expectSales(shop, product, 2)
                // A pooled client keeps what it has: the sales below are a customer's who was there before.
                for role in [Role.orders, .customers] {
                    // One address has half of the places at most, so nearly each is of its own.
                    let idle = try IdleConnections(400, to: shop.port(of: role), from: 2...201)
                    try await expectSales(shop, product, 3)
                    #expect(try await shop.processes[0].admin.send(.GET, "/livez").status == 200)
                    _ = idle
                }
                try await allFull(shop, product)
                try await gatewayFull(shop)
                try await eventually("clients are served again") {
                    try await ask(shop, from: "127.0.0.1", "/api/products")?.status == 200
                }
                try await expectSales(shop, product, 2)
                let metrics = try await shop.processes[0].admin.send(.GET, "/metrics")
                #expect(metrics.text.contains("connections_refused_total{"), "\(metrics)")
                try await shop.checkInvariants()
                #expect(try await shop.stock(product) == 988)
            }
        }

        /// All listeners have as many connections as they may have together, and backends' descriptors are left.
        private func allFull(_ shop: Shop, _ product: Int64) async throws {
            let ports = try Role.servers.map(shop.port) + [gatewayPort(shop)]
            let idle = try ports.map { try IdleConnections(400, to: $0, from: 2...201) }
            // Connections on which nothing is said end after a while, so the most that were open count.
            var most = 0
            for _ in 0..<50 {
                #expect(try await shop.processes[0].admin.send(.GET, "/livez").status == 200)
                most = max(most, try #require(shop.processes[0].descriptors))
            }
            #expect(most < 256, "some are left for backends")
            try await expectSales(shop, product, 2)
            _ = idle
        }

        private func gatewayFull(_ shop: Shop) async throws {
            let idle = try IdleConnections(400, to: gatewayPort(shop))
            // The address that has them has used up its share; another one has not.
            try await eventually("another client is served") {
                try await ask(shop, from: "127.0.0.2", "/api/products")?.status == 200
            }
            let first = try await ask(shop, from: "127.0.0.2", "/api/products")
            let second = try await ask(shop, from: "127.0.0.2", "/api/products")
            let ids = [first?.headers["x-request-id"], second?.headers["x-request-id"]]
            #expect(ids[0] != nil && ids[0] != ids[1])
            #expect(try await shop.processes[0].admin.send(.GET, "/livez").status == 200)
            #expect(await shop.processes[0].isReady)
            _ = idle
        }
    }
}
