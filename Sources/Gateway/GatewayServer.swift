import Hosting
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Telemetry
import WebSockets

/// The public listener. What a connection speaks is the builder's matter.
final class GatewayServer: ListeningService {
    private let responder: RouterResponder<GatewayContext>
    private let builder: HTTPServerBuilder
    private let address: HostPort
    private let logger: Logger
    private let listening = AddressPromise()

    init(
        responder: RouterResponder<GatewayContext>, connections: GatewayConnections = .init(),
        address: HostPort, logger: Logger
    ) {
        self.responder = responder
        self.builder = Self.http1(connections, logger)
        self.address = address
        self.logger = logger
    }

    /// HTTP/1.1, and WebSocket for the route that answers so.
    private static func http1(_ connections: GatewayConnections, _ logger: Logger) -> HTTPServerBuilder {
        let limit = ConnectionLimit(
            listener: "gateway", total: connections.total, perClient: connections.perClient,
            exempt: connections.proxies)
        return HTTPServerBuilder { responder in
            GatewayChannel(
                base: HTTPConnection(
                    listener: "gateway", limits: connections.limits, connections: limit, logger: logger,
                    handlers: [
                        MalformedRequestHandler(), WebSocketUpgradeHandler(leaveHTTP: GatewayChannel.leaveHTTP),
                    ], responder: responder))
        }
    }

    func run() async throws {
        // The framework's own lines say nothing that the log does not say already.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: responder,
            server: builder,
            configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port)),
            onServerRunning: { [self] channel in
                let bound = HostPort(host: address.host, port: channel.localAddress?.port ?? address.port)
                logger.info("serving customers", [.address: .string(bound.description)])
                listening.settle(.success(bound))
            },
            logger: quiet)
        do {
            try await application.run()
            listening.settle(.failure(CancellationError()))
        } catch {
            let error = ListenError.naming(error, address, from: .listen(of: .gateway))
            logger.error(
                "the gateway cannot serve",
                [.error: .string(String(describing: error)), .address: .string(address.description)])
            listening.settle(.failure(error))
            throw error
        }
    }

    var listeningAddress: HostPort {
        get async throws { try await listening.value }
    }
}
