import GRPCNIOTransportHTTP2
import NIOCore

extension RPCConnections {
    /// Applies them to a gRPC server, whose transport gives access to its channels by these callbacks only.
    ///
    /// - Parameter listener: The listener's name in metrics.
    func callbacks(listener: String) -> HTTP2ServerTransport.Config.ChannelDebuggingCallbacks {
        let limit = ConnectionLimit(listener: listener, total: total)
        return .init(
            onBindTCPListener: { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionLimiter(limit), position: .first)
                }
            },
            onAcceptTCPConnection: { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FirstBytesDeadline(firstBytes), position: .first)
                }
            },
            onAcceptHTTP2Stream: RequestHeadHandler.add(to:))
    }
}
