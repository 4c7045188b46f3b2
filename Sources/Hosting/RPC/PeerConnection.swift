import GRPCCore
import GRPCInProcessTransport
import GRPCNIOTransportHTTP2

/// The way to one role.
enum PeerConnection: Sendable {
    /// Within the process: calls with one answer directly, streams by the client; without the former, to nobody.
    case local(GRPCClient<PeerTransport<InProcessTransport.Client>>, DirectCalls?)
    /// Over HTTP/2.
    case network(GRPCClient<PeerTransport<HTTP2ClientTransport.Posix>>)

    /// The number of connections to each address: a connection carries a limited number of calls at once, and is
    /// closed with all of them when too many are broken off.
    static let connections = 2

    /// The way to a role of this process; without a transport, to one that nobody has told the address of.
    init(_ local: LocalTransport?, deadline: Duration) {
        let transport = PeerTransport(
            bases: local.map { [$0.streams.client] } ?? [], deadline: deadline, isLocal: true)
        self = .local(GRPCClient(transport: transport, interceptors: [ClientCallInterceptor()]), local?.calls)
    }

    /// The way to a role at these addresses, which are used in turn, each by several connections.
    init(to role: Role, at addresses: [HostPort], options: Peers.Options) throws(ConfigurationError) {
        var registry = NameResolverRegistry.defaults
        registry.registerFactory(SpreadDNSFactory())
        var config = HTTP2ClientTransport.Posix.Config.defaults
        config.backoff = .init(initial: .milliseconds(50), max: .milliseconds(250), multiplier: 1.6, jitter: 0.2)
        // A replica that is frozen or cut off keeps its connections, and its share of the calls, until a ping goes
        // unanswered; its new connections are not used before it has spoken. Asked without calls too: with them only,
        // the timer ends with each call.
        config.connection.keepalive = .init(
            time: options.pingInterval, timeout: options.pingPatience, allowWithoutCalls: true)
        let heads = SentHeads()
        config.channelDebuggingCallbacks = heads.callbacks
        do {
            let transports = try (0..<Self.connections).map { _ in
                try HTTP2ClientTransport.Posix(
                    target: Self.target(addresses), transportSecurity: options.tls?.forClient ?? .plaintext,
                    config: config, resolverRegistry: registry,
                    serviceConfig: ServiceConfig(loadBalancingConfig: [.roundRobin]))
            }
            self = .network(
                GRPCClient(
                    transport: PeerTransport(
                        bases: transports, deadline: options.deadline, patience: options.patience,
                        peer: (role, CalledRole.missing(role, at: addresses))),
                    interceptors: [ClientCallInterceptor(slack: options.slack, role: role, heads: heads)]))
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
        case .local(let client, _): try await client.runConnections()
        case .network(let client): try await client.runConnections()
        }
    }

    func stop() {
        switch self {
        case .local(let client, _): client.beginGracefulShutdown()
        case .network(let client): client.beginGracefulShutdown()
        }
    }
}
