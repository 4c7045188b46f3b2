import Glibc
import Synchronization

/// A port of 127.0.0.1 that a test listens on, and the thread that accepts there.
///
/// That thread alone closes the descriptor, and once: a number that was closed is given to the next who opens
/// something, whose connection a second `shutdown` would end.
public final class LocalListener: Sendable {
    private struct State {
        /// Negative once it is closed.
        var descriptor: Int32
        var isClosing = false
    }

    /// Where clients connect.
    public let port: Int
    private let state: Mutex<State>

    /// Listens; ``serve(_:atEnd:)`` accepts.
    public init() {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, length) == 0 && listen(listener, 128) == 0
                    && getsockname(listener, raw, &length) == 0
            }
        }
        precondition(isListening, "no port to listen on")
        port = Int(UInt16(bigEndian: address.sin_port))
        state = Mutex(State(descriptor: listener))
    }

    /// Accepts on a thread of its own until ``close()``. To be called once.
    ///
    /// - Parameters:
    ///   - accepted: what is done with a connection, on that thread; it owns the descriptor from then on.
    ///   - atEnd: what that thread does last.
    public func serve(_ accepted: @escaping @Sendable (Int32) -> Void, atEnd: @escaping @Sendable () -> Void = {}) {
        let listener = state.withLock { $0.descriptor }
        DetachedThread.start { [self] in
            while !isClosing {
                let connection = accept(listener, nil, nil)
                if connection >= 0 {
                    accepted(connection)
                } else {
                    // Not for ever: a client that has gone meanwhile, or no descriptor left.
                    usleep(1000)
                }
            }
            state.withLock { state in
                Glibc.close(state.descriptor)
                state.descriptor = -1
            }
            atEnd()
        }
    }

    /// Whether it still has its descriptor.
    var isOpen: Bool { state.withLock { $0.descriptor >= 0 } }

    private var isClosing: Bool { state.withLock { $0.isClosing } }

    /// Listens no more. Nothing happens the second time.
    public func close() {
        state.withLock { state in
            state.isClosing = true
            if state.descriptor >= 0 { shutdown(state.descriptor, Int32(SHUT_RDWR)) }
        }
    }
}
