import GRPCNIOTransportHTTP2
import NIOCore
import NIOSSL

extension RPCConnections {
    /// Applies them to a gRPC server, whose transport gives access to its channels by these callbacks only.
    ///
    /// - Parameters:
    ///   - listener: The listener's name in metrics.
    ///   - calls: The server's calls.
    func callbacks(listener: String, calls: OpenCalls) -> HTTP2ServerTransport.Config.ChannelDebuggingCallbacks {
        let limit = ConnectionLimit(listener: listener, total: total, perClient: perClient)
        return .init(
            onBindTCPListener: { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionLimiter(limit), position: .first)
                }
            },
            onAcceptTCPConnection: { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    // It writes, and so stands behind what encrypts.
                    let tls = try? pipeline.handler(type: NIOSSLServerHandler.self)
                    try pipeline.addHandler(
                        CallWatch(self, listener: listener), position: tls.map { .after($0) } ?? .first)
                    try pipeline.addHandler(FirstBytesDeadline(firstBytes), position: .first)
                }
            },
            onAcceptHTTP2Stream: { [self] stream in
                stream.eventLoop.makeCompletedFuture {
                    try CallWatch.count(stream)
                    let handlers: [any ChannelHandler] = [
                        RequestHeadHandler(), RequestDeadlineHandler(request: request, calls: calls),
                    ]
                    try stream.pipeline.syncOperations.addHandlers(handlers, position: .first)
                }
            })
    }
}
