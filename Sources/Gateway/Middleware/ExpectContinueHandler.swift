import NIOCore
import NIOHTTP1

/// Answers `Expect: 100-continue` (RFC 9110, 10.1.1): a client that sends it waits with its request's body until it is
/// told to go on.
///
/// It is told as soon as all requests before are answered, unless its own has got its answer or its body by then. Requests
/// come here one at a time, each when those before it are answered (`RequestGate`).
final class ExpectContinueHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// The client of the request that has come waits to be told.
    private var isAwaited = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isAwaited = Self.expectsContinue(head)
        case .body, .end:
            isAwaited = false
        }
        context.fireChannelRead(data)
    }

    /// The bytes that had come together with a head has been seen now.
    func channelReadComplete(context: ChannelHandlerContext) {
        tell(context)
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // What comes before an answer tells the client nothing of its body.
        if isAwaited, case .head(let head) = unwrapOutboundIn(data), head.status.code >= 200 { isAwaited = false }
        context.write(data, promise: promise)
    }

    private func tell(_ context: ChannelHandlerContext) {
        guard isAwaited else { return }
        isAwaited = false
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    /// HTTP/1.0 knows nothing of it.
    private static func expectsContinue(_ head: HTTPRequestHead) -> Bool {
        head.version == .http1_1
            && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
    }
}
