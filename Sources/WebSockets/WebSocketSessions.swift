import Synchronization

/// The sessions of this process: a user's oldest one makes room for the newest, and all have their limit.
public final class WebSocketSessions: Sendable {
    /// The process has as many sessions as it may.
    public struct TooMany: Error {}

    private struct State {
        var count = 0
        var next: UInt64 = 0
        /// From the oldest to the newest; those that have been told to end are not in it.
        var byUser: [Int64: [(id: UInt64, end: @Sendable () -> Void)]] = [:]
    }

    private let limit: Int
    private let limitPerUser: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: The most that may be open.
    ///   - perUser: The most of a user's.
    public init(limit: Int, perUser: Int) {
        self.limit = limit
        self.limitPerUser = perUser
    }

    /// The number of those that are open.
    public var count: Int { state.withLock { $0.count } }

    /// Opens a session, and ends the user's oldest one if it is one too many.
    ///
    /// - Parameter end: Has the session end for another one's sake.
    /// - Returns: What ``leave(_:of:)`` wants.
    public func enter(_ userID: Int64, end: @escaping @Sendable () -> Void) throws(TooMany) -> UInt64 {
        let entered = state.withLock { state -> (id: UInt64, replaced: [@Sendable () -> Void])? in
            guard state.count < limit else { return nil }
            state.count += 1
            state.next += 1
            var sessions = state.byUser[userID, default: []]
            let surplus = sessions.prefix(max(0, sessions.count + 1 - limitPerUser))
            sessions.removeFirst(surplus.count)
            sessions.append((state.next, end))
            state.byUser[userID] = sessions
            return (state.next, surplus.map(\.end))
        }
        guard let entered else { throw TooMany() }
        for end in entered.replaced { end() }
        return entered.id
    }

    /// A session is over.
    public func leave(_ id: UInt64, of userID: Int64) {
        state.withLock { state in
            state.count -= 1
            state.byUser[userID]?.removeAll { $0.id == id }
            if state.byUser[userID]?.isEmpty == true { state.byUser[userID] = nil }
        }
    }
}
