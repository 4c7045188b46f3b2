import NIOCore
import NIOHPACK
import NIOHTTP2

/// Breaks off a call that its caller has given up, unless too many have been on its connection: then its stream is left
/// to the server to end, which does so at the call's deadline (``CallDeadlineHandler``).
///
/// One stands first on every HTTP/2 stream that a client opens. Whoever made the call waits for the stream's end.
final class ResetPacingHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// The time after the deadline for which a server is waited for.
    static let patience = TimeAmount.seconds(1)
    /// The longest wait.
    private static let longest = Duration.seconds(60)

    private let budget: ResetBudget
    /// The time by which the server has ended the call, if it is alive.
    private var lastMoment: NIODeadline?
    /// Set while the stream is left to the server.
    private var timer: Scheduled<Void>?
    private var closing: [EventLoopPromise<Void>] = []

    init(_ budget: ResetBudget) {
        self.budget = budget
    }

    /// Adds one to a stream that is being opened.
    static func add(to stream: any Channel) -> EventLoopFuture<Void> {
        stream.eventLoop.makeCompletedFuture {
            guard let budget = try ResetBudget.of(stream) else { return }
            try stream.pipeline.syncOperations.addHandler(ResetPacingHandler(budget), position: .first)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if lastMoment == nil, case .headers(let frame) = unwrapOutboundIn(data),
            let timeout = frame.headers.first(name: "grpc-timeout").flatMap(WireTimeout.init),
            timeout.duration < Self.longest
        {
            lastMoment = .now() + TimeAmount(timeout.duration) + Self.patience
        }
        context.write(data, promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, context.channel.isActive, let lastMoment else {
            context.close(mode: mode, promise: promise)
            return
        }
        guard timer == nil else {
            if let promise { closing.append(promise) }
            return
        }
        if budget.take() {
            context.close(mode: mode, promise: promise)
            return
        }
        if let promise { closing.append(promise) }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: lastMoment) {
            context.close(promise: nil)
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if timer == nil { context.fireChannelRead(data) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Nobody else reads a stream that is given up.
        if timer != nil { context.read() } else { context.fireChannelReadComplete() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        for promise in closing { promise.succeed() }
        closing = []
        context.fireChannelInactive()
    }
}
