import Synchronization

extension TCPProxy {
    /// Cuts a connection in the middle of what one side says: after so many bytes from now on, of all connections.
    ///
    /// - Parameter bytes: what still passes; the rest of what was read with it is lost.
    public func cut(after bytes: Int, of direction: Direction = .toClient) {
        byteTrap.set(bytes, direction)
    }

    /// Lets a number of bytes of a direction pass, once.
    final class ByteTrap: Sendable {
        private let left = Mutex<[Direction: Int]>([:])

        func set(_ bytes: Int, _ direction: Direction) {
            left.withLock { $0[direction] = bytes }
        }

        func clear() { left.withLock { $0 = [:] } }

        /// How many of the bytes may pass; fewer than all of them mean that the connection is to be cut.
        func admit(_ count: Int, _ direction: Direction) -> Int {
            left.withLock { left in
                guard let allowed = left[direction] else { return count }
                left[direction] = count <= allowed ? allowed - count : nil
                return min(count, allowed)
            }
        }
    }
}
