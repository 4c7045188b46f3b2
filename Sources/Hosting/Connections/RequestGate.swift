import NIOCore
import NIOHTTP1

/// Lets requests of a connection through one at a time, and ends the connection behind the last answer.
///
/// While a request that has come whole is not answered, what has come with it waits here, and so does what one more read
/// brings; nothing else is read. That read is asked for at once, since a channel that is not read from is taken off the
/// selector, and put back for the next request. The last answer is one that the client or HTTP asks to be, that comes
/// before its request's end, or behind which nothing can be read: the decoder stops at a request to upgrade.
final class RequestGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Item {
        case part(HTTPServerRequestPart)
        case error(any Error)
        case inputClosed
    }

    /// A request and its answer.
    private struct Exchange {
        var isRead = false
        var isLast: Bool
    }

    /// A read while a request is not answered.
    private enum ReadAhead {
        case none
        case asked
        /// It has brought something, which waits.
        case done
    }

    private let watch: ClientWatch
    private let limit: Int
    private var current: Exchange?
    private var waiting = CircularBuffer<Item>()
    private var waitingRequests = 0
    /// No request is taken any more, but for those that are here.
    private var isClosing = false
    /// Everything that still comes belongs to none that is here.
    private var isDropping = false
    /// The last answer is written.
    private var isOver = false
    private var isReadWanted = false
    private var readAhead = ReadAhead.none

    init(watch: ClientWatch, limit: Int) {
        self.watch = watch
        self.limit = limit
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch part {
        case .head: watch.headCame()
        case .body: break
        case .end: watch.requestCame()
        }
        if case .head = part, isClosing { isDropping = true }
        guard !isDropping else { return }
        guard mustWait else {
            follow(part)
            context.fireChannelRead(data)
            return
        }
        if case .head = part {
            guard waitingRequests < limit else {
                isClosing = true
                isDropping = true
                return
            }
            waitingRequests += 1
        }
        waiting.append(.part(part))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if readAhead == .asked { readAhead = .done }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else {
            if !isDropping { context.fireErrorCaught(error) }
            return
        }
        guard !isDropping else { return }
        isClosing = true
        isDropping = true
        if waiting.isEmpty { context.fireErrorCaught(error) } else { waiting.append(.error(error)) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed where !waiting.isEmpty:
            waiting.append(.inputClosed)
        case is ChannelShouldQuiesceEvent:
            isClosing = true
            isDropping = isDropping || !waiting.isEmpty
            waiting.removeAll()
            context.fireUserInboundEventTriggered(event)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func read(context: ChannelHandlerContext) {
        if !mustWait {
            context.read()
        } else if readAhead == .none, waiting.isEmpty, current?.isLast == false, !isClosing {
            readAhead = .asked
            watch.isAhead = true
            context.read()
        } else {
            isReadWanted = true
        }
    }

    private var mustWait: Bool { isOver || current?.isRead == true || !waiting.isEmpty }

    private func deliver(_ item: Item, _ context: ChannelHandlerContext) {
        switch item {
        case .error(let error): context.fireErrorCaught(error)
        case .inputClosed: context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        case .part(let part):
            follow(part)
            context.fireChannelRead(wrapInboundOut(part))
        }
    }

    /// Notes that a part is let through.
    private func follow(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head): current = Exchange(isLast: !head.isKeepAlive || Self.stopsDecoder(head))
        case .body: break
        case .end: current?.isRead = true
        }
    }

    private static func stopsDecoder(_ head: HTTPRequestHead) -> Bool {
        head.method == .CONNECT
            || head.headers.contains(name: "upgrade")
                && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    // MARK: - Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            watch.answerBegins()
            guard isLast(head) else {
                context.write(data, promise: promise)
                return
            }
            current = Exchange(isRead: true, isLast: true)
            isDropping = true
            head.headers.replaceOrAdd(name: "connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where current?.isLast != false:
            isOver = true
            let sent = promise ?? context.eventLoop.makePromise()
            context.writeAndFlush(data, promise: sent)
            watch.lastAnswerWritten(sent.futureResult)
        case .end:
            context.write(data, promise: promise)
            current = nil
            watch.answerWritten()
            goOn(context)
        default:
            context.write(data, promise: promise)
        }
    }

    /// Whether the connection ends behind an answer with this head.
    private func isLast(_ head: HTTPResponseHead) -> Bool {
        guard let current else { return true }
        return current.isLast || !current.isRead || isClosing && waiting.isEmpty
            || head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
    }

    /// An answer that still has to be sent is not cut off.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .all, isOver {
            context.channel.closeFuture.cascade(to: promise)
        } else {
            context.close(mode: mode, promise: promise)
        }
    }

    private func goOn(_ context: ChannelHandlerContext) {
        watch.isAhead = false
        // A read that has brought nothing yet is the next request's.
        if readAhead == .asked {
            watch.readBegins()
            isReadWanted = false
        }
        readAhead = .none
        if !waiting.isEmpty {
            while current?.isRead != true, let item = waiting.popFirst() {
                if case .part(.head) = item { waitingRequests -= 1 }
                deliver(item, context)
            }
            context.fireChannelReadComplete()
        }
        if isReadWanted, !mustWait {
            isReadWanted = false
            context.read()
        }
    }
}
