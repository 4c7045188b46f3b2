import Glibc
import Testing

@testable import Hosting

@Suite("Descriptors: what listeners may take leaves room for backends")
struct ConnectionBudgetTests {
    private static let all = Set(Role.allCases)
    private static let servers = Set(Role.servers)

    @Test("The whole shop fits into the limit on open files", arguments: [256, 512, 1024, 4096, 1 << 20])
    func fits(openFiles: Int) {
        let budget = ConnectionBudget(
            openFiles: openFiles, roles: Self.all, poolSize: 8, loops: 2, isListening: Self.servers)
        let listeners = budget.gateway + budget.rpc * Self.servers.count + budget.admin
        let backends = Self.all.count * 8
        #expect(listeners + backends + 64 <= openFiles)
        #expect(budget.gatewayClient < budget.gateway && budget.rpcClient < budget.rpc)
        #expect(budget.isTight == (openFiles <= 256 || openFiles - 124 < 256))
    }

    @Test("One role of its own gets what there is, and nobody gets nothing")
    func extremes() {
        let orders = ConnectionBudget(openFiles: 512, roles: [.orders], poolSize: 8, loops: 2, isListening: [.orders])
        #expect(orders.rpc > 300)
        let gateway = ConnectionBudget(openFiles: 1024, roles: [.gateway], poolSize: 8, loops: 2, isListening: [])
        #expect(gateway.gateway > 800)
        let poor = ConnectionBudget(openFiles: 20, roles: Self.all, poolSize: 8, loops: 2, isListening: Self.servers)
        #expect(poor.gateway == 8 && poor.rpc == 8 && poor.admin == 8 && poor.gatewayClient == 4 && poor.isTight)
        let rich = ConnectionBudget(
            openFiles: 1 << 20, roles: Self.all, poolSize: 8, loops: 2, isListening: Self.servers)
        #expect(rich.gateway == 20_000 && rich.gatewayClient == 1000 && rich.admin == 64)
        #expect(rich.rpc == 1000 && rich.rpcClient == 500)
    }

    @Test("Settings come first")
    func settings() throws {
        let configuration = try ShopConfiguration(
            flags: [
                "gateway.max-connections": "100", "rpc.max-connections": "20", "admin.max-connections": "3",
            ], file: nil, environment: [:])
        let budget = ConnectionBudget(configuration: configuration, roles: Self.all)
        #expect(budget.gateway == 100 && budget.gatewayClient <= 100 && budget.admin == 3)
        #expect(budget.rpc == 20 && budget.rpcClient == 10)
        let client = try ShopConfiguration(
            flags: ["gateway.max-connections-per-client": "7", "rpc.max-connections-per-client": "9"], file: nil,
            environment: [:])
        let shares = ConnectionBudget(configuration: client, roles: Self.all)
        #expect(shares.gatewayClient == 7 && shares.rpcClient == 9)
        for (key, value) in [("gateway.max-connections", "0"), ("gateway.idle-timeout", "0.5")] {
            #expect(throws: ConfigurationError.self) {
                try ShopConfiguration(flags: [key: value], file: nil, environment: [:])
            }
        }
    }

    @Test("The soft limit becomes the hard one")
    func raising() throws {
        var limit = rlimit()
        try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        let most = min(limit.rlim_max, 1 << 20)
        limit.rlim_cur = most - 1
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        OpenFiles.raiseLimit()
        #expect(OpenFiles.limit == Int(most))
    }
}
