import GRPCCore
import Metrics
import NIOCore
import NIOHPACK
import NIOHTTP2
import Telemetry

/// Ends a call with `DEADLINE_EXCEEDED` at its deadline, whatever its handler does, and one whose request does not come:
/// it would keep its connection, and be no call. Ends the stream of one that was answered when the answer is not taken,
/// or the caller says no end, in as long a time. Ends one with `INVALID_ARGUMENT` that brings a text which could not be
/// compared in good time (``StreamSafeText``), before its message is read: nothing else in it is so long in bytes of UTF-8.
///
/// The deadline is kept from the library, which would only tell the handler of it. The handler is told all the same: with
/// its answer the stream is over, and the call with it.
final class RequestDeadlineHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private enum Answer {
        case missing
        case begun
        case whole
    }

    /// The time between two looks whether the server stops, and the longest that a request may take then.
    private static let interval = TimeAmount.seconds(1)
    /// The longest time that a deadline is watched; the wire has room for more than the clock.
    private static let longestDeadline = Duration.seconds(31_536_000)

    private let requestTime: TimeAmount
    private let calls: OpenCalls
    private var request = FirstMessage()
    private var marks = MarkCount()
    private var hasHead = false
    /// Set once the caller has said all it wants to.
    private var isWhole = false
    private var answer = Answer.missing
    /// Set once the call was ended here: its handler has no more to say or to hear.
    private var isEnded = false
    /// Set once the stream is closed.
    private var isClosed = false
    private var requestTimer: Scheduled<Void>?
    private var answerTimer: Scheduled<Void>?
    private var callTimer: Scheduled<Void>?

    /// - Parameters:
    ///   - request: The time in which the first message must come, from the head on, and the stream's end, from the end of
    ///     the answer on.
    ///   - calls: Tells whether the server stops: who has not said what it wants is not waited for then.
    init(request: Duration, calls: OpenCalls) {
        self.calls = calls
        requestTime = TimeAmount(request)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnded else { return }
        switch unwrapInboundIn(data) {
        case .headers(var frame):
            isWhole = isWhole || frame.endStream
            if !hasHead, takeDeadline(context, &frame.headers) {
                hasHead = true
                context.fireChannelRead(wrapInboundOut(.headers(frame)))
                return
            }
            hasHead = true
        case .data(let frame):
            isWhole = isWhole || frame.endStream
            if case .byteBuffer(let bytes) = frame.data {
                request.take(bytes)
                guard bytes.withUnsafeReadableBytes({ marks.take($0) }) else {
                    Counter(label: "rpc_server_malformed_requests").increment()
                    end(
                        context, "a letter in a text has more than \(StreamSafeText.limit) combining marks",
                        status: .invalidArgument)
                    return
                }
            }
        default: break
        }
        context.fireChannelRead(data)
    }

    /// Takes the deadline out of a head and watches it.
    ///
    /// - Returns: Whether there is one.
    private func takeDeadline(_ context: ChannelHandlerContext, _ headers: inout HPACKHeaders) -> Bool {
        guard let text = headers.first(name: CallMetadata.timeout), let timeout = WireTimeout(text) else {
            return false
        }
        headers.remove(name: CallMetadata.timeout)
        headers.replaceOrAdd(name: CallMetadata.timeLeft, value: text)
        let time = TimeAmount(min(timeout.duration, Self.longestDeadline))
        callTimer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            end(context, "the call has taken as long as it may")
        }
        return true
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A request that ends without a message is answered by nobody: the library waits for one.
        if request.isWhole {
            requestTimer?.cancel()
            requestTimer = nil
        } else if requestTimer == nil, hasHead, answer != .whole {
            wait(context, until: .now() + requestTime)
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
            if frame.endStream { stopTimers() }
        }
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        // Most streams are closed with that, and need no timer.
        if answer == .whole, !isClosed, answerTimer == nil { awaitTaking(context) }
    }

    /// Closes the stream if its answer is not taken in time.
    private func awaitTaking(_ context: ChannelHandlerContext) {
        answerTimer = context.eventLoop.assumeIsolated().scheduleTask(in: requestTime) {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        stopTimers()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        isClosed = true
        stopTimers()
    }

    private func stopTimers() {
        requestTimer?.cancel()
        answerTimer?.cancel()
        callTimer?.cancel()
    }

    private func wait(_ context: ChannelHandlerContext, until deadline: NIODeadline, isLast: Bool = false) {
        let next = min(deadline, .now() + Self.interval)
        requestTimer = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { [self] in
            if isLast || next >= deadline {
                if answer != .whole { Counter(label: "rpc_server_calls_out_of_time").increment() }
                end(context, "the request has not come in time")
            } else {
                wait(context, until: deadline, isLast: calls.isStopping)
            }
        }
    }

    private func end(
        _ context: ChannelHandlerContext, _ message: String, status: Status.Code = .deadlineExceeded
    ) {
        guard answer != .whole else { return }
        stopTimers()
        // Without a reason of the shop's: what the handler has done, nobody knows.
        var trailers: HPACKHeaders =
            answer == .begun ? [:] : [":status": "200", "content-type": "application/grpc"]
        trailers.add(name: "grpc-status", value: "\(status.rawValue)")
        trailers.add(name: "grpc-message", value: message)
        if status == .invalidArgument {
            trailers.add(name: ServiceError.reasonMetadataKey, value: "malformed_request")
        }
        answer = .whole
        isEnded = true
        context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: trailers, endStream: true))), promise: nil)
        // Else the stream would stay for as long as the caller has something to say.
        if isWhole { awaitTaking(context) } else { context.close(promise: nil) }
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
