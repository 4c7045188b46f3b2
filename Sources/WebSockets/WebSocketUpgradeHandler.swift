import HTTPTypes
public import NIOCore
import NIOHTTP1
public import NIOHTTPTypes
import NIOWebSocket

/// Turns an HTTP connection into a WebSocket when a route answers 101.
///
/// A request to upgrade is a request like any other until then: it passes the router and all middleware, on whichever
/// place of its connection, and what refuses it is an ordinary answer. NIO's own upgrade handler decides before the
/// router is asked, and only on a connection's first request.
///
/// The HTTP decoder reads nothing after a request to upgrade, whatever its answer is: after another one than 101 the
/// connection has to end.
public final class WebSocketUpgradeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    public typealias InboundIn = HTTPRequestPart
    public typealias InboundOut = HTTPRequestPart
    public typealias OutboundIn = HTTPResponsePart
    public typealias OutboundOut = HTTPResponsePart

    /// The connection cannot become a WebSocket: it speaks of something else, or ends.
    public struct NotUpgradable: Error {}

    private enum State {
        case http
        /// A request to upgrade has come; it is the last one that the decoder reads.
        case asked
        case switching
        case switched
    }

    private let leaveHTTP: @Sendable (ChannelPipeline.SynchronousOperations) throws -> Void
    private var state = State.http
    private var context: ChannelHandlerContext?
    private var unanswered = 0
    private var isQuiescing = false
    private var webSocket: WebSocketHandler?

    /// - Parameter leaveHTTP: Takes out of a pipeline all that speaks HTTP/1.1 but its decoder, which is gone by then,
    ///   and this handler.
    public init(leaveHTTP: @escaping @Sendable (ChannelPipeline.SynchronousOperations) throws -> Void) {
        self.leaveHTTP = leaveHTTP
    }

    /// Has the connection become a WebSocket with its next answer, which must be 101.
    ///
    /// - Parameter lifetime: How long the client's token is good for.
    public func prepare(
        options: WebSocketOptions, lifetime: Duration, metrics: WebSocketMetrics
    ) throws(NotUpgradable) -> WebSocketConnection {
        guard state == .asked, unanswered == 1, webSocket == nil, let context, context.channel.isActive else {
            throw NotUpgradable()
        }
        let webSocket = WebSocketHandler(
            options: options, lifetime: lifetime, metrics: metrics, eventLoop: context.eventLoop)
        self.webSocket = webSocket
        return WebSocketConnection(webSocket, eventLoop: context.eventLoop)
    }

    // MARK: - The connection

    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        webSocket?.abandon()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        webSocket?.abandon()
        context.fireChannelInactive()
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { isQuiescing = true }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: - Requests

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            unanswered += 1
            if Self.asksForUpgrade(head) { state = .asked }
        case .body, .end:
            break
        }
        context.fireChannelRead(data)
    }

    /// The name that the decoder takes for the end of HTTP.
    private static func asksForUpgrade(_ head: HTTPRequest) -> Bool {
        head.method == .connect
            || head.headerFields[.upgrade] != nil && head.headerFields.hasToken("upgrade", .connection)
    }

    // MARK: - Answers

    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch (state, unwrapOutboundIn(data)) {
        case (.switching, _), (.switched, _):
            // The answer's end, written when the session is over.
            promise?.succeed()
        case (.asked, .head(let head)) where unanswered == 1 && head.status == .switchingProtocols && webSocket != nil:
            state = .switching
            promise?.succeed()
            switchProtocols(context, head)
        case (_, .end):
            unanswered -= 1
            context.write(data, promise: promise)
        default:
            context.write(data, promise: promise)
        }
    }

    // MARK: - The change

    private func switchProtocols(_ context: ChannelHandlerContext, _ head: HTTPResponse) {
        let pipeline = context.pipeline.syncOperations
        do {
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            pipeline.removeHandler(context: decoder).assumeIsolated().whenComplete { [self] result in
                do {
                    try result.get()
                    try become(head)
                } catch {
                    self.context?.close(promise: nil)
                }
            }
        } catch {
            context.close(promise: nil)
        }
    }

    /// Sends the answer and has the connection speak the new protocol; all in one go, so that nothing comes between.
    private func become(_ head: HTTPResponse) throws {
        guard let context, let webSocket, context.channel.isActive else { throw NotUpgradable() }
        var head = head
        head.headerFields[.contentLength] = nil
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        let pipeline = context.pipeline.syncOperations
        try leaveHTTP(pipeline)
        // This handler stays behind them, and lets nothing of HTTP through any more.
        try pipeline.addHandlers(
            [
                WebSocketFrameEncoder(),
                ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: webSocket.frameLimit)),
                webSocket,
            ], position: .before(self))
        state = .switched
        if isQuiescing { context.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        context.read()
    }
}
