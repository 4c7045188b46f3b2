import GRPCNIOTransportHTTP2
import NIOCore
import NIOPosix
import Synchronization

/// The socket that a gRPC server listens on, closed in two steps.
///
/// A connection that is accepted in the very moment in which its listener closes is handed to nobody, and the library ends
/// the process at that. So a server that stops first accepts nothing more, and closes when whatever was accepted before has
/// been handed over.
final class Listener: Sendable {
    private let channel = Mutex<(any Channel)?>(nil)

    /// Takes hold of the socket when it is bound, after whoever else does.
    func attach(by callbacks: inout HTTP2ServerTransport.Config.ChannelDebuggingCallbacks) {
        let others = callbacks.onBindTCPListener
        callbacks.onBindTCPListener = { [self] listener in
            channel.withLock { $0 = listener }
            return others?(listener) ?? listener.eventLoop.makeSucceededVoidFuture()
        }
    }

    /// Accepts nothing from now on; returns when what was accepted before has been handed over.
    func stopAccepting() async {
        guard let listener = channel.withLock({ $0 }) else { return }
        // Neither of these fails but for a socket that is closed already.
        try? await listener.setOption(.autoRead, value: false).get()
        // A connection is set up on a loop of its own, and handed over on the listener's.
        for _ in 0..<2 {
            for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() { try? await loop.submit {}.get() }
            try? await listener.eventLoop.submit {}.get()
        }
    }
}
