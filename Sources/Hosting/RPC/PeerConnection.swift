import GRPCCore
import GRPCInProcessTransport
import GRPCNIOTransportHTTP2

/// The way to one role.
enum PeerConnection: Sendable {
    /// Within the process.
    case local(GRPCClient<PeerTransport<InProcessTransport.Client>>)
    /// Over HTTP/2.
    case network(GRPCClient<PeerTransport<HTTP2ClientTransport.Posix>>)

    private static let interceptors: [any ClientInterceptor] = [ClientCallInterceptor()]

    /// The way to a role of this process; without a transport, to one that nobody has told the address of.
    init(_ transport: InProcessTransport?, deadline: Duration) {
        let transport = PeerTransport(base: transport?.client, deadline: deadline, isLocal: true)
        self = .local(GRPCClient(transport: transport, interceptors: Self.interceptors))
    }

    /// The way to a role at these addresses, which are used in turn.
    init(to addresses: [HostPort], options: Peers.Options) throws(ConfigurationError) {
        var registry = NameResolverRegistry.defaults
        registry.registerFactory(SpreadDNSFactory())
        var config = HTTP2ClientTransport.Posix.Config.defaults
        config.backoff = .init(initial: .milliseconds(50), max: .seconds(2), multiplier: 1.6, jitter: 0.2)
        config.connection.keepalive = .init(time: .seconds(30), timeout: .seconds(5), allowWithoutCalls: false)
        do {
            let transport = try HTTP2ClientTransport.Posix(
                target: Self.target(addresses), transportSecurity: options.tls?.forClient ?? .plaintext, config: config,
                resolverRegistry: registry, serviceConfig: ServiceConfig(loadBalancingConfig: [.roundRobin]))
            self = .network(
                GRPCClient(
                    transport: PeerTransport(base: transport, deadline: options.deadline),
                    interceptors: Self.interceptors))
        } catch {
            throw ConfigurationError(
                key: Setting.tlsCA.key,
                "the certificates in tls.ca, tls.certificate and tls.key cannot be used for calls to other roles")
        }
    }

    private static func target(_ addresses: [HostPort]) -> any ResolvableTarget {
        if addresses.allSatisfy({ ListenAddress.isIPv4($0.host) }) {
            return .ipv4(pairs: addresses.map { ($0.host, $0.port) })
        }
        if addresses.allSatisfy({ ListenAddress.isIPv6($0.host) }) {
            return .ipv6(pairs: addresses.map { ($0.host, $0.port) })
        }
        return SpreadDNS(hosts: addresses)
    }

    func run() async throws {
        switch self {
        case .local(let client): try await client.runConnections()
        case .network(let client): try await client.runConnections()
        }
    }

    func stop() {
        switch self {
        case .local(let client): client.beginGracefulShutdown()
        case .network(let client): client.beginGracefulShutdown()
        }
    }
}
