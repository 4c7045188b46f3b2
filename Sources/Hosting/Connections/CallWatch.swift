import Metrics
import NIOCore

/// Ends a gRPC connection whose client makes no calls. Pings and whatever else it sends are no calls.
///
/// The library's own idle time would not do: it ends when the client has answered to the end, and one that does not answer
/// keeps its place.
final class CallWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A frame of HTTP/2 that ends the connection: GOAWAY, after the last stream there can be, without an error.
    private static let goodbye: [UInt8] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]

    private enum State {
        /// No call has come yet.
        case fresh
        case idle
        case calling(Int)
        /// The client has been told that the connection ends.
        case ending
        case closed
    }

    private let limits: RPCConnections
    private let ended: Counter
    private var state = State.fresh
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(_ limits: RPCConnections, listener: String) {
        self.limits = limits
        ended = Counter(label: "connections_cut", dimensions: [("listener", listener), ("reason", "no_calls")])
    }

    /// Counts a stream of the connection as a call until it is closed.
    static func count(_ stream: any Channel) throws {
        guard let pipeline = stream.parent?.pipeline.syncOperations else { return }
        let watch = try pipeline.handler(type: CallWatch.self)
        watch.callBegan()
        stream.closeFuture.assumeIsolated().whenComplete { _ in watch.callEnded() }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        wait(limits.firstCall)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        state = .closed
        timer?.cancel()
        self.context = nil
    }

    private func callBegan() {
        switch state {
        case .closed: return
        case .calling(let count): state = .calling(count + 1)
        case .fresh, .idle, .ending: state = .calling(1)
        }
        timer?.cancel()
    }

    private func callEnded() {
        guard case .calling(let count) = state else { return }
        guard count == 1 else {
            state = .calling(count - 1)
            return
        }
        state = .idle
        wait(limits.idle)
    }

    private func wait(_ span: Duration) {
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(span)) { [self] in isOver() }
    }

    /// Tells the client to make its next calls elsewhere; those that are on their way are still taken.
    ///
    /// It goes past the library, which would refuse a call that is on its way, and break the connection at its data.
    func sayGoodbye() {
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Self.goodbye)), promise: nil)
    }

    private func isOver() {
        switch state {
        case .fresh, .idle:
            state = .ending
            ended.increment()
            sayGoodbye()
            wait(limits.farewell)
        case .ending: context?.close(promise: nil)
        case .calling, .closed: break
        }
    }
}
