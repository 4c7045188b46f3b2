import NIOCore

/// Closes a connection on which the client does not begin to speak: an HTTP/2 server has no deadline for the preface.
final class FirstBytesDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The length of HTTP/2's preface; TLS begins with more.
    private static let enough = 24

    private let delay: TimeAmount
    private var missing = FirstBytesDeadline.enough
    private var timer: Scheduled<Void>?

    init(_ delay: Duration) {
        self.delay = TimeAmount(delay)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // A handler may not keep its context once it is removed.
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        missing -= unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
        if missing <= 0 { context.pipeline.syncOperations.removeHandler(context: context, promise: nil) }
    }
}
