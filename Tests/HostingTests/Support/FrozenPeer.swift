import NIOCore
import NIOPosix

@testable import Hosting

/// A server of HTTP/2 that has frozen: connections to it are made and it has begun to speak, but it does nothing more.
struct FrozenPeer: Sendable {
    let address: HostPort
    private let channel: any Channel
    private let ends: AsyncStream<Void>

    static func listen() async throws -> FrozenPeer {
        let (ends, end) = AsyncStream<Void>.makeStream()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.closeFuture.whenComplete { _ in end.yield() }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Greeting())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = HostPort(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
        return FrozenPeer(address: address, channel: channel, ends: ends)
    }

    /// Returns when another connection has been closed by the other side.
    func aConnectionHasEnded() async {
        for await _ in ends { return }
    }

    func close() async throws { try await channel.close() }

    /// Sends the settings that a connection begins with, and passes over whatever comes.
    private final class Greeting: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [0, 0, 0, 4, 0, 0, 0, 0, 0])), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
    }
}
