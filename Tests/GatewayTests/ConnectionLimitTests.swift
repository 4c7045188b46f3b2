import GRPCCore
import Hosting
import Logging
import ShopProtos
import TestClients
import TestSupport
import Testing

@testable import Gateway

/// How many connections listeners take, over the network.
@Suite("Connections: their number", .timeLimit(.minutes(60)))
struct ConnectionLimitTests {
    private func request(_ address: HostPort, _ path: String = "/things") -> String {
        "GET \(path) HTTP/1.1\r\nHost: \(address)\r\n\r\n"
    }

    /// Whether the gateway answers a client of that address.
    private func isServed(_ address: HostPort, from source: String = "127.0.0.1", _ path: String = "/things") async
        -> Bool
    {
        var status: Int?
        try? await RawSocket.with(address, from: source) { socket in
            try? await socket.send(request(address, path))
            status = await socket.answer()?.status
        }
        return status == 200
    }

    @Test("The gateway has its limit, one client another, and places become free again")
    func gateway() async throws {
        var connections = GatewayConnections.patient
        connections.total = 4
        connections.perClient = 2
        try await RunningGateway.with(connections: connections) { gateway in
            try await RawSocket.with(gateway.address) { one in
                try await RawSocket.with(gateway.address) { two in
                    for socket in [one, two] {
                        try await socket.send(request(gateway.address))
                        #expect(await socket.answer()?.status == 200)
                    }
                    #expect(await !isServed(gateway.address))
                    try await RawSocket.with(gateway.address, from: "127.0.0.2") { three in
                        try await RawSocket.with(gateway.address, from: "127.0.0.3") { four in
                            for socket in [three, four] {
                                try await socket.send(request(gateway.address))
                                #expect(await socket.answer()?.status == 200)
                            }
                            #expect(await !isServed(gateway.address, from: "127.0.0.4"))
                        }
                    }
                    try await eventually("there is room again") { await isServed(gateway.address, from: "127.0.0.4") }
                }
            }
            try await eventually("the client has room again") { await isServed(gateway.address) }
        }
    }

    @Test("Many clients come from a trusted proxy")
    func proxies() async throws {
        var connections = GatewayConnections.patient
        connections.perClient = 1
        connections.proxies = try [#require(AddressRange("127.0.0.0/31"))]
        try await RunningGateway.with(connections: connections) { gateway in
            try await RawSocket.with(gateway.address) { one in
                try await one.send(request(gateway.address))
                #expect(await one.answer()?.status == 200)
                #expect(await isServed(gateway.address))
            }
            try await RawSocket.with(gateway.address, from: "127.0.0.2") { one in
                try await one.send(request(gateway.address))
                #expect(await one.answer()?.status == 200)
                #expect(await !isServed(gateway.address, from: "127.0.0.2"))
            }
        }
    }

    @Test("A gRPC listener has its limit, and callers are served again when there is room")
    func rpc() async throws {
        var rpc = RPCConnections()
        // Two are the other gateway's.
        rpc.total = 4
        rpc.firstBytes = .seconds(3600)
        rpc.firstCall = .seconds(3600)
        try await RunningGateway.with(rpc: rpc) { gateway in
            let peers = try Peers(
                local: [], options: .init(addresses: [.customers: [gateway.service]], deadline: .seconds(60)))
            try await RawSocket.with(gateway.service) { one in
                try await RawSocket.with(gateway.service) { two in
                    // The settings that a server begins with.
                    for socket in [one, two] { #expect(await socket.bytes(9) != nil) }
                    try await RawSocket.with(gateway.service) { three in #expect(await three.hasEnded()) }
                }
            }
            try await peers.withConnections {
                try await eventually("a call gets through") {
                    let error = await #expect(throws: RPCError.self) {
                        _ = try await peers.notifications.getUserNotifications(.init())
                    }
                    return error?.code == .unauthenticated
                }
            }
        }
    }

    @Test("Who connects to a gRPC listener and says nothing is cut off")
    func firstBytes() async throws {
        var rpc = RPCConnections()
        rpc.firstBytes = .milliseconds(200)
        try await RunningGateway.with(rpc: rpc) { gateway in
            try await RawSocket.with(gateway.service) { socket in await socket.drain() }
            try await RawSocket.with(gateway.service) { socket in
                // It may be over already.
                try? await socket.send("PRI *")
                await socket.drain()
            }
        }
    }

    /// Runs the listener for operators.
    private func withAdmin(
        _ connections: Int, _ limits: HTTPLimits = .nearby, _ body: @Sendable (HostPort) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = AdminServer(
            address: HostPort(host: "127.0.0.1", port: 0), health: HealthMonitor(checks: [:], logger: logger),
            metrics: { "" }, limits: limits, connections: connections, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await body(try await server.listeningAddress)
            group.cancelAll()
        }
    }

    @Test("A probe gets through however many connections the admin listener has: the oldest ones end")
    func admin() async throws {
        try await withAdmin(2) { address in
            try await RawSocket.with(address) { one in
                try await one.send(request(address, "/livez"))
                #expect(await one.answer()?.status == 200)
                try await RawSocket.with(address) { two in
                    try await two.send(request(address, "/livez"))
                    #expect(await two.answer()?.status == 200)
                    #expect(await isServed(address, "/livez"))
                    #expect(await one.hasEnded())
                }
            }
        }
    }

    @Test("A client that opens one connection to the admin listener after the other ends its own, and nobody else's")
    func adminFlood() async throws {
        try await withAdmin(4) { address in
            try await RawSocket.with(address, from: "127.0.0.2") { one in
                func isAnswered() async throws -> Bool {
                    try await one.send(request(address, "/livez"))
                    return await one.answer()?.status == 200
                }
                /// Opens connections that stay open for as long as the next ones are.
                func flood(_ count: Int) async throws {
                    if count == 0 {
                        let isStillThere = try await isAnswered()
                        #expect(isStillThere)
                        return
                    }
                    try await RawSocket.with(address, from: "127.0.0.3") { socket in
                        try await socket.send(request(address, "/livez"))
                        #expect(await socket.answer()?.status == 200)
                        try await flood(count - 1)
                    }
                }
                let isThere = try await isAnswered()
                #expect(isThere)
                try await flood(8)
            }
        }
    }

    @Test("The admin listener waits for nobody for long, and reads nothing on")
    func adminWaits() async throws {
        var limits = HTTPLimits.nearby
        limits.head = Pace(total: .milliseconds(200), grace: .milliseconds(200), bytesPerSecond: 1)
        try await withAdmin(10, limits) { address in
            try await RawSocket.with(address) { socket in
                try await socket.send("GET /livez HTTP/1.1\r\nX: ")
                _ = await socket.sendUntilClosed("a", every: .milliseconds(5))
            }
            for head in ["Content-Length: 1000000000000", "Connection: upgrade\r\nUpgrade: h2c"] {
                try await RawSocket.with(address) { socket in
                    try await socket.send("GET /livez HTTP/1.1\r\nHost: a\r\n\(head)\r\n\r\n")
                    let taken = await socket.sendUntilClosed(String(repeating: "x", count: 64 << 10))
                    #expect(taken < 64 << 20)
                }
            }
        }
    }
}
