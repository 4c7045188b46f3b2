public import NIOCore

/// The server's end of a WebSocket, as tasks see it.
public struct WebSocketConnection: Sendable {
    private let handler: NIOLoopBound<WebSocketHandler>
    private let eventLoop: any EventLoop
    private let whenOpened: EventLoopFuture<Void>
    /// Ends when the connection does.
    public let whenClosed: EventLoopFuture<CloseCode>

    /// Only on the connection's event loop.
    init(_ handler: WebSocketHandler, eventLoop: any EventLoop) {
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
        self.eventLoop = eventLoop
        self.whenOpened = handler.whenOpened
        self.whenClosed = handler.whenClosed
    }

    /// Returns when frames can be sent; throws if that never comes.
    public func opened() async throws { try await whenOpened.get() }

    /// Returns why it ended, when it has.
    public func closed() async -> CloseCode { (try? await whenClosed.get()) ?? .lost }

    /// Sends a text, and returns when there is room for another one. Throws once the session is over.
    public func send(_ text: ByteBuffer) async throws {
        try await eventLoop.flatSubmit { [handler] in handler.value.send(text) }.get()
    }

    /// Begins the closing handshake, unless it has begun.
    public func close(_ code: CloseCode, _ reason: String) {
        eventLoop.execute { [handler] in handler.value.close(code, reason) }
    }
}
