import GRPCNIOTransportHTTP2
import NIOCore
import NIOHPACK
import NIOHTTP2
import Synchronization

/// The heads of calls to other processes, by whether they were sent: a call whose head was not is known to nobody.
///
/// A connection that its server sends away ends with the streams on it that have not said anything yet, and the library
/// has the same words for those as for calls that may have been carried out. So a call carries a number as far as the
/// connection, where it is taken off again.
final class SentHeads: Sendable {
    /// The metadata key under which a call's number travels within the process.
    static let metadataKey = "shop-call-number"

    /// Whether the head of one call was sent.
    final class Mark: Sendable {
        let number: String
        fileprivate let sent = Atomic<Bool>(false)

        fileprivate init(_ number: UInt64) {
            self.number = String(number)
        }

        var isSent: Bool { sent.load(ordering: .acquiring) }
    }

    private struct State {
        var nextNumber: UInt64 = 0
        var open: [String: Mark] = [:]
    }

    private let state = Mutex(State())

    /// Begins to watch a call's head.
    func begin() -> Mark {
        state.withLock { state in
            state.nextNumber += 1
            let mark = Mark(state.nextNumber)
            state.open[mark.number] = mark
            return mark
        }
    }

    /// Ends to watch it.
    func end(_ mark: Mark) { _ = state.withLock { $0.open.removeValue(forKey: mark.number) } }

    /// The way into the channels of a transport, which gives access to them by these callbacks only.
    var callbacks: HTTP2ClientTransport.Config.ChannelDebuggingCallbacks {
        .init(
            onCreateTCPConnection: { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(
                        FarewellHandler(), position: .after(pipeline.handler(type: NIOHTTP2Handler.self)))
                }
            },
            onCreateHTTP2Stream: { [self] stream in
                stream.eventLoop.makeCompletedFuture {
                    try stream.pipeline.syncOperations.addHandler(CallHeadHandler(self), position: .first)
                }
            })
    }

    fileprivate func noteSent(_ number: String) {
        state.withLock { $0.open[number] }?.sent.store(true, ordering: .releasing)
    }
}

/// Notes that the head of a call is sent, and keeps it back on a connection that its server has sent away: the library
/// would break that, with all calls on it, for a stream that comes too late.
///
/// One stands first on every HTTP/2 stream that a caller opens.
final class CallHeadHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let heads: SentHeads
    /// What was written and not flushed yet: until then nothing of it is on its way. Nil once the head is.
    private var held: [(frame: NIOAny, promise: EventLoopPromise<Void>?)]? = []

    init(_ heads: SentHeads) {
        self.heads = heads
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if held == nil { return context.write(data, promise: promise) }
        held?.append((data, promise))
    }

    func flush(context: ChannelHandlerContext) {
        guard let writes = held, !writes.isEmpty else { return context.flush() }
        let connection = context.channel.parent?.pipeline.syncOperations
        guard (try? connection?.handler(type: FarewellHandler.self))?.isSentAway != true else {
            dropHeld()
            return context.close(promise: nil)
        }
        held = nil
        for (data, promise) in writes {
            if case .headers(var frame) = unwrapOutboundIn(data),
                let number = frame.headers.first(name: SentHeads.metadataKey)
            {
                heads.noteSent(number)
                frame.headers.remove(name: SentHeads.metadataKey)
                context.write(wrapOutboundOut(.headers(frame)), promise: promise)
            } else {
                context.write(data, promise: promise)
            }
        }
        context.flush()
    }

    func handlerRemoved(context: ChannelHandlerContext) { dropHeld() }

    private func dropHeld() {
        let writes = held ?? []
        held = []
        for (_, promise) in writes { promise?.fail(ChannelError.ioOnClosedChannel) }
    }
}

/// Notes that the server of a connection has sent its caller away. One stands behind HTTP/2 on every connection.
final class FarewellHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    private(set) var isSentAway = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .goAway = unwrapInboundIn(data).payload { isSentAway = true }
        context.fireChannelRead(data)
    }
}
