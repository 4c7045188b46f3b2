import GRPCNIOTransportHTTP2
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The socket on which a gRPC server accepts connections.
///
/// A connection that is accepted while its server ends is handed to nobody, and the library ends the process where one is
/// forgotten before it is closed. So each is kept here until then.
final class RPCListener: HTTP2ServerTransport.ListenerFactory {
    typealias Connection = HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel

    private struct State {
        var open: [ObjectIdentifier: (channel: any Channel, connection: Connection)] = [:]
        var isClosing = false
        var socket: (any Channel)?
        /// Finished when no connection is open.
        var empty: AsyncStream<Never>.Continuation?
    }

    let eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    private let address: HostPort
    private let tls: TLSFiles?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - address: A numeric address; port 0 for any free port.
    ///   - tls: Certificates; without them connections are plain.
    init(_ address: HostPort, tls: TLSFiles?) {
        self.address = address
        self.tls = tls
    }

    func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
        connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
    ) async throws -> NIOAsyncChannel<Connection, Never> {
        let tls = try tls?.serverContext
        let listening = try await ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
            .bind(host: address.host, port: address.port) { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let tls else { return }
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                }.flatMap {
                    connectionConfigurator.configure(
                        channel: channel, tls: tls == nil ? .none : .configured(requireALPN: false))
                }.map { connection in
                    self.keep(connection, channel)
                    return connection
                }
            }
        state.withLock { $0.socket = listening.channel }
        return listening
    }

    /// Accepts no connection any more, and tells all callers to make their next calls elsewhere.
    func beginFarewell() {
        let (socket, open) = state.withLock { ($0.socket, $0.open.values.map(\.channel)) }
        socket?.close(promise: nil)
        for channel in open {
            channel.eventLoop.execute {
                try? channel.pipeline.syncOperations.handler(type: CallWatch.self).sayGoodbye()
            }
        }
    }

    /// Waits until all callers have closed their connections, but no longer than `limit`.
    func haveLeft(limit: Duration) async {
        let (left, continuation) = AsyncStream<Never>.makeStream()
        state.withLock { state in
            state.empty = continuation
            if state.open.isEmpty { continuation.finish() }
        }
        let timer = Task {
            try? await Task.sleep(for: limit)
            continuation.finish()
        }
        for await _ in left {}
        timer.cancel()
    }

    /// Closes all connections, and each that still comes.
    func closeConnections() {
        let open = state.withLock { state in
            state.isClosing = true
            return state.open.values.map(\.channel)
        }
        for channel in open { channel.close(promise: nil) }
    }

    private func keep(_ connection: Connection, _ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isClosing = state.withLock { state in
            state.open[id] = (channel, connection)
            return state.isClosing
        }
        channel.closeFuture.whenComplete { _ in
            // Dropped outside of the lock.
            _ = self.state.withLock { state in
                defer { if state.open.isEmpty { state.empty?.finish() } }
                return state.open.removeValue(forKey: id)
            }
        }
        if isClosing { channel.close(promise: nil) }
    }
}
