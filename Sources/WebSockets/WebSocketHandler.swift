import NIOCore
import NIOWebSocket

/// Does on a connection what ``WebSocketState`` says.
///
/// It hears of the server's shutdown as every handler does, by the event that quiesces a connection.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private enum Sending: Error {
        case over
    }

    private let lifetime: Duration
    private let metrics: WebSocketMetrics
    private var state: WebSocketState
    private var rate: FrameRate
    private var context: ChannelHandlerContext?
    private var timers: [WebSocketState.Timer: Scheduled<Void>] = [:]
    private var sender: EventLoopPromise<Void>?
    private let opened: EventLoopPromise<Void>
    private let closed: EventLoopPromise<CloseCode>
    private var isSettled = false

    /// - Parameter lifetime: How long the client's token is good for.
    init(options: WebSocketOptions, lifetime: Duration, metrics: WebSocketMetrics, eventLoop: any EventLoop) {
        self.state = WebSocketState(options: options)
        self.rate = FrameRate(options, at: .now())
        self.lifetime = lifetime
        self.metrics = metrics
        self.opened = eventLoop.makePromise()
        self.closed = eventLoop.makePromise()
    }

    /// The longest frame that is taken.
    var frameLimit: Int { state.options.messageLimit }

    /// Ends when frames can be sent; fails if that never comes.
    var whenOpened: EventLoopFuture<Void> { opened.futureResult }
    /// Ends when the connection does.
    var whenClosed: EventLoopFuture<CloseCode> { closed.futureResult }

    // MARK: - From this side

    /// Sends a text; the future ends when there is room for another one, and fails once the session is over.
    func send(_ text: ByteBuffer) -> EventLoopFuture<Void> {
        guard let context, state.isOpen else { return opened.futureResult.eventLoop.makeFailedFuture(Sending.over) }
        perform(state.send(text))
        guard state.mustWait else { return context.eventLoop.makeSucceededVoidFuture() }
        let promise = context.eventLoop.makePromise(of: Void.self)
        sender = promise
        return promise.futureResult
    }

    func close(_ code: CloseCode, _ reason: String) {
        perform(state.close(code, reason))
    }

    /// The connection ends before it has become a WebSocket, or with it.
    func abandon() {
        guard !isSettled else { return }
        isSettled = true
        perform(state.connectionLost())
        resumeSender()
        opened.fail(Sending.over)
        closed.succeed(state.closeCode ?? .lost)
    }

    // MARK: - From the connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        perform(state.opened(lifetime: lifetime))
        opened.succeed()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        abandon()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        abandon()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        if rate.take(bytes: frame.length, at: .now()) {
            perform(state.received(frame))
        } else {
            perform(state.violated(Violation("too many messages", code: .policyViolation)))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength:
            perform(state.violated(.tooLong(limit: state.options.messageLimit)))
        case is NIOWebSocketError:
            perform(state.violated(Violation("a control frame must be short and whole")))
        case is ByteToMessageDecoderError:
            // More of what could not be read.
            break
        default:
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: close(.goingAway, "the server stops; resume with after")
        case ChannelEvent.inputClosed: perform(state.inputClosed())
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: - Actions

    private func perform(_ actions: [WebSocketState.Action]) {
        for action in actions {
            switch action {
            case .send(let frame): write(frame)
            case .start(let timer, let delay): start(timer, delay)
            case .stop(let timer): timers.removeValue(forKey: timer)?.cancel()
            case .resumeSender: resumeSender()
            case .closeOutput: context?.close(mode: .output, promise: nil)
            case .drop: context?.close(promise: nil)
            }
        }
    }

    private func write(_ frame: WebSocketFrame) {
        guard let context else { return }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { [self] in
            metrics.sent(frame.opcode)
            perform(state.written(frame.opcode, bytes: frame.length))
        }
        context.writeAndFlush(wrapOutboundOut(frame), promise: promise)
    }

    private func start(_ timer: WebSocketState.Timer, _ delay: Duration) {
        guard let context else { return }
        timers.removeValue(forKey: timer)?.cancel()
        timers[timer] = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [self] in
            timers[timer] = nil
            perform(state.expired(timer))
        }
    }

    private func resumeSender() {
        guard let promise = sender else { return }
        sender = nil
        if state.isOpen { promise.succeed() } else { promise.fail(Sending.over) }
    }
}
