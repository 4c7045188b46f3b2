public import GRPCCore
import GRPCInProcessTransport
import GRPCNIOTransportHTTP2
public import Logging
import ServiceLifecycle
import Telemetry

/// The gRPC server of one role: over HTTP/2 for other processes, and for callers of its own process.
///
/// Its services see who calls (``Identity/current``), the request id and the trace; what they throw reaches the caller
/// as ``ServiceError``, and nothing of an unforeseen error does.
public final class RoleServer: ListeningService {
    /// The most calls that one connection may have open. A caller believes in 100 until it is told another number.
    static let streamLimit = 1000

    private let role: Role
    private let address: HostPort?
    private let network: GRPCServer<HTTP2ServerTransport.Custom<RPCListener>>?
    private let listener: RPCListener?
    private let local: LocalTransport?
    /// Serves the streams of callers of this process.
    private let streams: GRPCServer<InProcessTransport.Server>?
    /// Answers the other calls of callers of this process.
    private let endpoint: DirectCalls.Endpoint
    private let listening = AddressPromise()
    let calls = OpenCalls()
    private let grace: Duration
    /// The time in which callers must close the connections from which they were sent away.
    private let farewell: Duration
    private let logger: Logger

    /// Creates a server that does not listen yet.
    ///
    /// - Parameters:
    ///   - role: The role whose server it is.
    ///   - services: What it serves, besides grpc.health.v1.
    ///   - listen: The address for other processes; port 0 for any free port.
    ///   - local: The way for callers of this process.
    ///   - tls: Certificates; without them connections are plain.
    ///   - verifier: Tells whose tokens are; without it callers stay unknown.
    ///   - health: What it says of its health.
    ///   - connections: The connections of other processes that it takes.
    ///   - grace: How long open calls of other processes may take when it stops.
    ///   - logger: Its label and metadata are kept.
    public init(
        role: Role, services: [any RegistrableRPCService], listen: ListenAddress,
        local: LocalTransport? = nil, tls: TLSFiles? = nil, verifier: TokenVerifier?,
        health: HealthMonitor, connections: RPCConnections = .init(), grace: Duration = .seconds(20), logger: Logger
    ) {
        var logger = logger
        logger[.role] = "\(role.rawValue)"
        self.role = role
        self.logger = logger
        let services = services + [HealthService(role: role, services: services, monitor: health, limits: connections)]
        let brief = services.compactMap { $0 as? any BriefService }.flatMap(\.briefMethods)
        let interceptor = ServerCallInterceptor(
            verifier: verifier, calls: calls, briefMethods: Set(brief), logger: logger)
        self.grace = grace
        self.farewell = connections.farewell
        self.local = local
        self.streams = local.map {
            GRPCServer(transport: $0.streams.server, services: services, interceptors: [interceptor])
        }
        self.endpoint = DirectCalls.Endpoint(services: services, interceptor: interceptor)
        switch listen {
        case .off:
            self.address = nil
            self.network = nil
            self.listener = nil
        case .on(let address):
            var config = HTTP2ServerTransport.Custom<RPCListener>.Config.defaults
            config.connection.maxGraceTime = grace
            config.http2.targetWindowSize = 1 << 20
            config.http2.maxConcurrentStreams = Self.streamLimit
            // Who has gone gives the place back. Who makes no calls does so too (``CallWatch``).
            config.connection.keepalive.time = .seconds(60)
            config.connection.maxIdleTime = nil
            config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(1)
            config.connection.keepalive.clientBehavior.allowWithoutCalls = true
            config.channelDebuggingCallbacks = connections.callbacks(listener: role.rawValue, calls: calls)
            let listener = RPCListener(address, tls: tls)
            let transport = HTTP2ServerTransport.Custom(listenerFactory: listener, config: config)
            self.address = address
            self.listener = listener
            self.network = GRPCServer(transport: transport, services: services, interceptors: [interceptor])
        }
    }

    public var listeningAddress: HostPort {
        get async throws { try await listening.value }
    }

    /// Serves until shut down gracefully: then it takes no new calls and ends when the open ones have.
    public func run() async throws {
        do {
            try await withThrowingDiscardingTaskGroup { group in
                if let network {
                    group.addTask { try await self.serve(network) }
                    group.addTask { await self.announce(network) }
                } else {
                    listening.settle(.failure(NotListening(description: "\(role.rawValue) does not listen")))
                }
                if let streams { group.addTask { try await streams.serve() } }
                if let local { group.addTask { await local.calls.serve(self.endpoint) } }
                group.addTask {
                    try? await gracefulShutdown()
                    await self.stop()
                }
            }
        } catch let error as RuntimeError {
            // The wrapper says only that the transport failed; what matters is why.
            let failure = error.cause ?? error
            let cause = address.map { ListenError.naming(failure, $0, from: .listen(of: role)) } ?? failure
            logger.error("the server cannot serve", [.error: "\(cause)", .address: "\(address?.description ?? "")"])
            throw cause
        }
    }

    private func stop() async {
        listener?.beginFarewell()
        await calls.drain(limit: grace)
        // The last answers are on their way; see ``OpenCalls`` for what might happen to them.
        await listener?.haveLeft(limit: farewell)
        network?.beginGracefulShutdown()
        streams?.beginGracefulShutdown()
        local?.calls.stop()
    }

    /// Serves until its connections have ended; one that is cancelled closes them. The library would leave them, and ends
    /// the process where a call has just come and is left with them.
    private func serve(_ server: GRPCServer<HTTP2ServerTransport.Custom<RPCListener>>) async throws {
        let serving = Task { try await server.serve() }
        // What was handed to nobody when it stopped.
        defer { listener?.closeConnections() }
        do {
            try await withTaskCancellationHandler {
                try await serving.value
            } onCancel: {
                server.beginGracefulShutdown()
                listener?.closeConnections()
            }
        } catch is RuntimeError where Task.isCancelled {
            throw CancellationError()
        }
    }

    private func announce(_ server: GRPCServer<HTTP2ServerTransport.Custom<RPCListener>>) async {
        do {
            let bound = await server.transport.listeningAddress
            guard let port = bound?.ipv4?.port ?? bound?.ipv6?.port, let host = address?.host else {
                throw NotListening(description: "\(role.rawValue) could not listen, or does not any more")
            }
            let address = HostPort(host: host, port: port)
            logger.info("serving gRPC", [.address: "\(address)"])
            listening.settle(.success(address))
        } catch {
            listening.settle(.failure(error))
        }
    }
}
