import Metrics
import NIOCore
import NIOHPACK
import NIOHTTP2

/// Ends a call with `DEADLINE_EXCEEDED` when its caller's deadline is over, whatever its handler is doing, or when its
/// request does not come; and its stream when the answer is not read, or the caller does not end it, in as long a time.
///
/// A caller breaks off at its deadline what has not been answered, and a server closes a connection, with all calls on it,
/// on which that happens more than 200 times within 30 seconds. A call that has been answered need not be broken off.
final class CallDeadlineHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private enum Answer {
        case missing
        case begun
        case whole
    }

    private let requestTime: TimeAmount
    private var request = FirstMessage()
    private var hasHead = false
    /// Set once the caller has said all it wants to.
    private var isWhole = false
    private var answer = Answer.missing
    /// Set once the call was ended here: its handler has no more to say or to hear.
    private var isEnded = false
    private var deadline: Scheduled<Void>?
    private var requestTimer: Scheduled<Void>?
    private var answerTimer: Scheduled<Void>?

    /// - Parameter request: How long the first message may take from the head on, and the stream's end from the answer on.
    init(request: Duration) {
        requestTime = TimeAmount(request)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnded else { return }
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            isWhole = isWhole || frame.endStream
            if !hasHead { begin(context, frame.headers) }
        case .data(let frame):
            isWhole = isWhole || frame.endStream
            if case .byteBuffer(let bytes) = frame.data { request.take(bytes) }
        default: break
        }
        context.fireChannelRead(data)
    }

    private func begin(_ context: ChannelHandlerContext, _ head: HPACKHeaders) {
        hasHead = true
        // A longer one is as good as none, and no clock overflows.
        guard let timeout = head.first(name: "grpc-timeout").flatMap(WireTimeout.init),
            timeout.duration < .seconds(86_400)
        else { return }
        deadline = end(context, in: TimeAmount(timeout.duration), "the call's deadline is over")
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A request that ends without a message is answered by nobody: the library waits for one.
        if request.isWhole {
            requestTimer?.cancel()
            requestTimer = nil
        } else if requestTimer == nil, hasHead, answer != .whole {
            requestTimer = end(context, in: requestTime, "the request has not come in time")
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isEnded else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        if case .headers(let frame) = unwrapOutboundIn(data) {
            answer = frame.endStream ? .whole : .begun
            if frame.endStream {
                stopTimers()
                answerTimer = context.eventLoop.assumeIsolated().scheduleTask(in: requestTime) {
                    context.close(promise: nil)
                }
            }
        }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimers()
        answerTimer?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopTimers()
        answerTimer?.cancel()
    }

    private func stopTimers() {
        deadline?.cancel()
        requestTimer?.cancel()
    }

    private func end(_ context: ChannelHandlerContext, in time: TimeAmount, _ message: String) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            guard answer != .whole else { return }
            stopTimers()
            Counter(label: "rpc_server_calls_out_of_time").increment()
            // Without a reason of the shop's: what the handler has done, nobody knows.
            var trailers: HPACKHeaders =
                answer == .begun ? [:] : [":status": "200", "content-type": "application/grpc"]
            trailers.add(name: "grpc-status", value: "4")
            trailers.add(name: "grpc-message", value: message)
            answer = .whole
            isEnded = true
            context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: trailers, endStream: true))), promise: nil)
            // Else the stream would stay for as long as the caller has something to say.
            if !isWhole { context.close(promise: nil) }
        }
    }
}

/// The length of a gRPC call's first message as it comes: a byte of flags, four of its length, and the message.
struct FirstMessage {
    private var prefix: UInt64 = 0
    private var prefixLength = 0
    private var missing = 0

    /// True once all of it has come.
    var isWhole: Bool { prefixLength == 5 && missing <= 0 }

    mutating func take(_ bytes: ByteBuffer) {
        guard !isWhole else { return }
        var bytes = bytes
        while prefixLength < 5, let byte = bytes.readInteger(as: UInt8.self) {
            prefix = prefix << 8 | UInt64(byte)
            prefixLength += 1
            if prefixLength == 5 { missing = Int(prefix & 0xFFFF_FFFF) }
        }
        missing -= bytes.readableBytes
    }
}
