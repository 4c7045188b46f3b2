import Hosting
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Telemetry

/// The public listener. What a connection speaks is the builder's matter.
final class GatewayServer: ListeningService {
    /// A connection that says nothing for this long between requests, or within one, is closed.
    static let idleTimeout = TimeAmount.seconds(75)

    private let responder: RouterResponder<GatewayContext>
    private let builder: HTTPServerBuilder
    private let address: HostPort
    private let logger: Logger
    private let listening = AddressPromise()

    init(
        responder: RouterResponder<GatewayContext>, builder: HTTPServerBuilder = GatewayServer.http1,
        address: HostPort, logger: Logger
    ) {
        self.responder = responder
        self.builder = builder
        self.address = address
        self.logger = logger
    }

    /// HTTP/1.1, with limits on what a request's head may hold, and WebSocket for the route that answers so.
    static var http1: HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [MalformedRequestHandler(), WebSocketUpgradeHandler()],
            idleTimeout: idleTimeout,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
        return HTTPServerBuilder { responder in
            GatewayChannel(base: HTTP1Channel(responder: responder, configuration: configuration))
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
