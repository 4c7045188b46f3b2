import GRPCCore
import Logging
import ShopProtos
import Testing

@testable import Hosting

@Suite("A role is ready when its calls pass")
struct PeerReadinessTests {
    @Test("A peer is required until it has answered once, and only reported afterwards")
    func required() async throws {
        let port = try HeldPort()
        defer { withExtendedLifetime(port) {} }
        let address = HostPort(host: "127.0.0.1", port: port.number)
        let peers = try Peers(local: [], options: .init(addresses: [.products: [address]], patience: .zero))
        try await peers.withConnections {
            let checks = peers.readiness(of: .reviews)
            #expect(checks.map(\.name) == ["reviews.peer.products"])
            let check = try #require(checks.first)
            await #expect(throws: (any Error).self) { try await check.check() }
            #expect(check.isRequired)

            let isReady = Gate()
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let own = ReadinessCheck("products.database") { await isReady.wait() }
            let host = RoleHost(
                [RoleAssembly(.products, rpcServices: [ReviewsStub()], readiness: [own])], peers: try Peers(local: []),
                verifier: nil, options: .init(listen: [.products: .on(address)]), logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await host.run() }
                try await host.started()
                await #expect(throws: (any Error).self, "it is connected, and not ready") { try await check.check() }
                isReady.open()
                while (try? await check.check()) == nil { await Task.yield() }
                #expect(!check.isRequired)
                await host.stop()
                try await group.waitForAll()
            }
            await #expect(throws: (any Error).self) { try await check.check() }
            #expect(!check.isRequired)
        }
    }

    @Test("No two roles wait for each other, and none for one of its own process")
    func order() throws {
        func reach(_ role: Role) -> Set<Role> {
            role.callees.reduce(into: []) { $0.formUnion(reach($1).union([$1])) }
        }
        for role in Role.allCases { #expect(!reach(role).contains(role)) }
        #expect(try Peers(local: Set(Role.servers)).readiness(of: .gateway).isEmpty)
    }
}
