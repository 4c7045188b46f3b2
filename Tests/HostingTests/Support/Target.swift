import Synchronization

@testable import Hosting

/// Whom callers connect to while servers come and go.
final class Target: Sendable {
    private let isOver = Mutex(false)
    private let address = Mutex<HostPort?>(nil)

    /// Ends the callers.
    func end() { isOver.withLock { $0 = true } }

    /// There is another server, or none for now.
    func change(to server: HostPort?) { address.withLock { $0 = server } }

    /// Whether it is this server.
    func isAt(_ server: HostPort) -> Bool { address.withLock { $0 == server } && !isOver.withLock { $0 } }

    /// Calls again and again, whenever there is a server, until it is over.
    func whileThere(_ call: (HostPort) async -> Void) async {
        while !isOver.withLock({ $0 }) {
            guard let address = address.withLock({ $0 }) else {
                await Task.yield()
                continue
            }
            await call(address)
        }
    }
}
