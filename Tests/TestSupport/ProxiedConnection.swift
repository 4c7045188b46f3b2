import Glibc
import Synchronization

/// The two sockets of a connection through a proxy, closed by the last of its two threads.
final class ProxiedConnection: Sendable {
    let client: Int32
    let server: Int32
    /// Whether it is cut when the server next says something.
    let isDoomed = Atomic(false)
    private let threads = Mutex(2)
    private let held = Mutex<Set<TCPProxy.Direction>>([])

    init(_ client: Int32, _ server: Int32) {
        self.client = client
        self.server = server
    }

    func hold(_ direction: TCPProxy.Direction) { held.withLock { _ = $0.insert(direction) } }

    func isHeld(_ direction: TCPProxy.Direction) -> Bool { held.withLock { $0.contains(direction) } }

    func release() { held.withLock { $0 = [] } }

    func isLastThread() -> Bool {
        threads.withLock { count in
            count -= 1
            return count == 0
        }
    }
}
