import Hosting
import Hummingbird
import Logging
import Synchronization
import TestClients
import Testing
import WebSockets

@testable import Gateway

/// A log that keeps its lines, metadata and all.
final class CaughtLog: Sendable {
    private struct Handler: LogHandler {
        let log: CaughtLog
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.add("\(event.message) \(metadata.merging(event.metadata ?? [:]) { $1 })")
        }
    }

    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }
    private func add(_ line: String) { kept.withLock { $0.append(line) } }
    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }
}

extension GatewayConnections {
    /// Limits that nobody meets.
    static var patient: GatewayConnections {
        var connections = GatewayConnections()
        let never = Duration.seconds(3600)
        let pace = Pace(total: never, grace: never, bytesPerSecond: 1)
        connections.limits.idle = never
        connections.limits.head = pace
        connections.limits.body = pace
        connections.limits.answer = pace
        connections.limits.end = never
        return connections
    }
}

extension RPCConnections {
    /// Limits that no peer of a test meets, which asks for nobody's health in between.
    static var patient: RPCConnections {
        var connections = RPCConnections()
        let never = Duration.seconds(3600)
        connections.firstBytes = never
        connections.firstCall = never
        connections.idle = never
        connections.farewell = never
        connections.request = never
        return connections
    }
}

/// A gateway at work with the routes for notifications, and a service behind it.
struct RunningGateway: Sendable {
    static let anyPort = HostPort(host: "127.0.0.1", port: 0)

    /// Where the service behind it is.
    let service: HostPort
    let address: HostPort
    /// Another gateway in front of the same service, which it reaches over the network.
    let replica: HostPort
    let stub: NotificationsStub
    let log: CaughtLog
    let sessions: WebSocketSessions
    private let keys: SigningKeys
    private let host: RoleHost

    static func with(
        origins: [String] = [], connections: GatewayConnections = .patient, rpc: RPCConnections = .patient,
        _ change: (inout WebSocketOptions) -> Void = { _ in },
        _ body: @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        var options = WebSocketOptions()
        // No deadline passes because a machine is busy; a test whose subject one is sets its own.
        options.pingInterval = .seconds(3600)
        options.writeDeadline = .seconds(3600)
        options.closeDeadline = .seconds(60)
        change(&options)
        let keys = SigningKeys.generate()
        let verifier = try TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop")
        let log = CaughtLog()
        let stub = NotificationsStub()
        func assemble(_ peers: Peers) -> (RoleAssembly, WebSocketRoute) {
            let route = WebSocketRoute(
                notifications: peers.notifications, verifier: verifier, origins: OriginPolicy(origins),
                options: options,
                delays: .init(first: .milliseconds(5), longest: .milliseconds(50)))
            var table = RouteTable()
            route.add(to: &table)
            NotificationRoutes(notifications: peers.notifications).add(to: &table)
            table.get("/things", .everyone) { _, _ in .json(StatusBody()) }
            table.post("/things", .everyone) { request, _ in
                _ = try await JSONBody.read(ProductReference.self, from: request)
                return .json(StatusBody())
            }
            table.get("/large", .everyone) { _, _ in
                // Far more than the system takes for a client that does not read.
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        let part = ByteBuffer(repeating: 0x78, count: 64 << 10)
                        for _ in 0..<1024 { try await writer.write(part) }
                        try await writer.finish(nil)
                    })
            }
            let responder = GatewayRouter.responder(
                table, authenticator: Authenticator(verifier: verifier), logger: log.logger)
            var assembly = RoleAssembly(.gateway)
            assembly.httpServer = GatewayServer(
                responder: responder, connections: connections, address: anyPort, logger: log.logger)
            return (assembly, route)
        }
        let local = try Peers(local: [.customers], options: .patient())
        let (assembly, route) = assemble(local)
        var settings = RoleHost.Options(listen: [.customers: .on(anyPort)])
        settings.rpcConnections = rpc
        let host = RoleHost(
            [RoleAssembly(.customers, rpcServices: [stub]), assembly], peers: local, verifier: verifier,
            options: settings, logger: log.logger)
        try await running(host) {
            let service = try #require(try await host.listeningAddress(of: .customers))
            let remote = try Peers(local: [], options: .patient([.customers: [service]]))
            let second = RoleHost(
                [assemble(remote).0], peers: remote, verifier: verifier, options: .init(), logger: log.logger)
            try await running(second) {
                let gateway = RunningGateway(
                    service: service, address: try #require(try await host.listeningAddress(of: .gateway)),
                    replica: try #require(try await second.listeningAddress(of: .gateway)),
                    stub: stub, log: log, sessions: route.sessions, keys: keys, host: host)
                defer { stub.finish() }
                try await body(gateway)
            }
        }
    }

    /// Stops the first gateway, as a signal does.
    func stop() async { await host.stop() }

    func token(_ userID: Int64 = 7, _ role: ShopRole = .customer, ttl: Duration = .seconds(600)) async throws -> String
    {
        try await TokenIssuer(keys: keys, issuer: "shopctl", audience: "shop")
            .issue(subject: userID, role: role, ttl: ttl).token
    }

    /// Sends a request and returns the answer.
    func ask(_ request: String) async throws -> RawAnswer {
        let box = Mutex<RawAnswer?>(nil)
        try await RawSocket.with(address) { socket in
            try await socket.send(request)
            let answer = await socket.answer()
            box.withLock { $0 = answer }
        }
        return try #require(box.withLock { $0 })
    }

    private static func running(_ host: RoleHost, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            try await host.started()
            let failure: (any Error)?
            do {
                try await body()
                failure = nil
            } catch {
                failure = error
            }
            await host.stop()
            try await group.waitForAll()
            if let failure { throw failure }
        }
    }
}
