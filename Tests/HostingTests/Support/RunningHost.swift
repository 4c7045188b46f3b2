import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import ShopProtos
import Testing

@testable import Hosting

/// How a role is called.
enum Way: String, CaseIterable, Sendable {
    case withinProcess
    case overNetwork
}

/// The reviews role at work, with clients in the process and over the network.
struct RunningHost: Sendable {
    let host: RoleHost
    let address: HostPort
    let local: Peers
    let remote: Peers

    func reviews(_ way: Way) -> any Reviews_Reviews.ClientProtocol {
        switch way {
        case .withinProcess: local.reviews
        case .overNetwork: remote.reviews
        }
    }

    static let anyPort = ListenAddress.on(HostPort(host: "127.0.0.1", port: 0))

    /// Runs the role for as long as the body takes, then stops it.
    static func with(
        _ stub: ReviewsStub = ReviewsStub(), verifier: TokenVerifier? = nil, readiness: [ReadinessCheck] = [],
        serverTLS: TLSFiles? = nil, clientTLS: TLSFiles? = nil, deadline: Duration = .seconds(600),
        drain: Duration = .zero, connections: RPCConnections = .init(),
        metrics: @escaping @Sendable () -> String = { "" },
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: @Sendable (RunningHost) async throws -> Void
    ) async throws {
        let local = try Peers(local: [.reviews], options: .init(deadline: deadline))
        var options = RoleHost.Options(listen: [.reviews: anyPort], admin: anyPort, tls: serverTLS, drain: drain)
        options.rpcConnections = connections
        let host = RoleHost(
            [RoleAssembly(.reviews, rpcServices: [stub], readiness: readiness)], peers: local, verifier: verifier,
            options: options, metrics: metrics, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            try await host.started()
            let address = try #require(try await host.listeningAddress(of: .reviews))
            let remote = try Peers(
                local: [],
                options: Peers.Options(
                    addresses: [.reviews: [address]], deadline: deadline, tls: clientTLS
                ).withoutPings())
            try await remote.withConnections {
                try await body(RunningHost(host: host, address: address, local: local, remote: remote))
            }
            await host.stop()
            try await group.waitForAll()
        }
    }
}

/// The error of a call, as its caller sees it.
func serviceError(_ call: () async throws -> some Sendable) async throws -> ServiceError {
    let error = await #expect(throws: RPCError.self) { _ = try await call() }
    return ServiceError(try #require(error))
}
