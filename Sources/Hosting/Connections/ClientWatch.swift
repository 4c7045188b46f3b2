import Logging
import Metrics
import NIOCore
import Telemetry

/// Closes an HTTP/1.1 connection whose client keeps the server waiting for too long, or sends too much.
///
/// It stands next to the network, so that bytes count that no handler behind it ever sees, such as a chunk's
/// extensions. ``RequestGate`` tells it what they were.
final class ClientWatch: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let listener: String
    private let logger: Logger
    private var state: HTTPConnectionState
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var timerDeadline = NIODeadline.distantFuture
    private var written = 0
    /// Everything that still comes is taken and dropped.
    private var isEnding = false
    private var isInputClosed = false

    init(listener: String, limits: HTTPLimits, logger: Logger) {
        self.listener = listener
        self.logger = logger
        self.state = HTTPConnectionState(limits: limits)
    }

    // MARK: - What the gate tells

    func headCame() { state.headCame(at: .now()) }

    func requestCame() { state.requestCame(at: .now()) }

    func answerBegins() { state.answerBegan(sent: sent, at: .now()) }

    func answerWritten() { state.answered(at: .now()) }

    /// Whether reads that begin are ahead of the client's time, which runs from ``readBegins()`` on.
    var isAhead = false

    func readBegins() {
        state.readBegan(at: .now())
        schedule()
    }

    /// The last answer has been written; when it is sent, the connection ends.
    func lastAnswerWritten(_ whenSent: EventLoopFuture<Void>) {
        state.flush(at: .now())
        schedule()
        whenSent.assumeIsolated().whenComplete { [self] _ in end() }
    }

    /// Ends the connection from this side and waits for the client to do the same: one that is closed while something
    /// is unread takes the answer along.
    private func end() {
        guard let context, !isEnding else { return }
        isEnding = true
        if isInputClosed {
            context.close(promise: nil)
            return
        }
        state.end(at: .now())
        context.close(mode: .output, promise: nil)
        context.read()
        schedule()
    }

    // MARK: - The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        self.context = nil
    }

    func read(context: ChannelHandlerContext) {
        if !isAhead { readBegins() }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        state.received(unwrapInboundIn(data).readableBytes, at: .now())
        if !isEnding { context.fireChannelRead(data) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        state.readEnded(at: .now())
        if state.isTooLong {
            cut("too_long")
            return
        }
        if isEnding { context.read() } else { context.fireChannelReadComplete() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            if isEnding { context.close(promise: nil) }
        case is ChannelShouldQuiesceEvent:
            state.stop(at: .now())
            schedule()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: - Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        written += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        state.blocked(!context.channel.isWritable, at: .now())
        schedule()
        context.fireChannelWritabilityChanged()
    }

    /// Bytes that the client's side has taken.
    private var sent: Int {
        written - ((try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0)
    }

    // MARK: - Time

    /// Sees to it that somebody looks when the next deadline is over. A timer that is there already and comes before is
    /// left alone: most deadlines are replaced long before they come.
    private func schedule() {
        guard let context, context.channel.isActive, let due = state.due(sent: sent, at: .now()) else { return }
        guard due.deadline < timerDeadline else { return }
        timer?.cancel()
        timerDeadline = due.deadline
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: due.deadline) { [self] in look() }
    }

    private func look() {
        timer = nil
        timerDeadline = .distantFuture
        let now = NIODeadline.now()
        guard let due = state.due(sent: sent, at: now) else { return }
        if due.deadline <= now { cut(due.wait.rawValue) } else { schedule() }
    }

    private func cut(_ reason: String) {
        guard let context else { return }
        Counter(label: "connections_cut", dimensions: [("listener", listener), ("reason", reason)]).increment()
        logger.debug(
            "a connection is closed: its client keeps the server waiting, or sends too much",
            [.peer: .string(context.channel.remoteAddress?.ipAddress ?? ""), .reason: .string(reason)])
        context.close(promise: nil)
    }
}
