import GRPCCore
import GRPCNIOTransportHTTP2
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ShopProtos
import SwiftProtobuf
import TestClients
import Testing

@testable import Hosting

/// What has been accepted while a server ends, and is handed to nobody, does not end the process.
@Suite struct ForgottenConnectionTests {
    @Test func ofGRPC() async throws {
        await #expect(processExitsWith: .success) {
            let listener = RPCListener(HostPort(host: "127.0.0.1", port: 0), tls: nil)
            let forgetful = Forgetful(listener)
            let transport = HTTP2ServerTransport.Custom(listenerFactory: forgetful)
            await #expect(throws: Forgetful.Done.self) { try await transport.listen { _, _ in } }
        }
    }

    @Test func ofHTTP() async throws {
        await #expect(processExitsWith: .success) {
            let connection = HTTPConnection(
                listener: "test", limits: HTTPLimits(),
                connections: ConnectionLimit(listener: "test", total: 9, perClient: 9),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                responder: { _, _, _ in })
            let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(host: "127.0.0.1", port: 0) { channel in
                    connection.setup(channel: channel, logger: Logger(label: "test"))
                }
            try await Forgetful.forget(one: server)
        }
    }

    /// Connections and calls come again and again while their server is cancelled.
    @Test func ofACancelledServer() async throws {
        await #expect(processExitsWith: .success) {
            let target = Target()
            await withTaskGroup(of: Void.self) { group in
                defer { target.end() }
                for _ in 0..<8 {
                    group.addTask { await target.whileThere { try? await RawSocket.with($0) { _ in } } }
                    group.addTask {
                        await target.whileThere { address in
                            let peers = try? Peers(local: [], options: .init(addresses: [.reviews: [address]]))
                            try? await peers?.withConnections {
                                while target.isAt(address) {
                                    _ = try? await peers?.reviews.getProductReviews(.with { $0.productID = 1 })
                                }
                            }
                        }
                    }
                }
                for _ in 0..<10 {
                    struct Enough: Error {}
                    await #expect(throws: Enough.self) {
                        try await RunningHost.with { running in
                            target.change(to: running.address)
                            for _ in 0..<20 { try await running.expectToLive() }
                            throw Enough()
                        }
                    }
                    target.change(to: nil)
                }
            }
        }
    }
}

/// A listener whose server takes a connection and forgets it.
private struct Forgetful: HTTP2ServerTransport.ListenerFactory {
    struct Done: Error {}

    let listener: RPCListener
    var eventLoopGroup: any EventLoopGroup { listener.eventLoopGroup }

    init(_ listener: RPCListener) { self.listener = listener }

    func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
        connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
    ) async throws -> NIOAsyncChannel<RPCListener.Connection, Never> {
        let server = try await listener.makeListeningChannel(
            listenerConfigurator: listenerConfigurator, connectionConfigurator: connectionConfigurator)
        try await Self.forget(one: server) { listener.closeConnections() }
        throw Done()
    }

    /// Accepts a connection and forgets it; then it is closed by the server or, without a way to do so, by its client.
    static func forget<Connection: Sendable>(
        one server: NIOAsyncChannel<Connection, Never>, close: (@Sendable () -> Void)? = nil
    ) async throws {
        let port = try #require(server.channel.localAddress?.port)
        try await RawSocket.with(HostPort(host: "127.0.0.1", port: port)) { socket in
            try await server.executeThenClose { inbound in
                for try await _ in inbound { break }
            }
            if let close {
                close()
                await socket.drain()
            }
        }
    }
}
