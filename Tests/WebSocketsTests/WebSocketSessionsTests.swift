import Synchronization
import Testing

@testable import WebSockets

@Suite("The sessions of a process")
struct WebSocketSessionsTests {
    @Test("A user's oldest session makes room for the newest; what has ended counts no more")
    func perUser() throws {
        let ended = Mutex<[String]>([])
        let sessions = WebSocketSessions(limit: 10, perUser: 2)
        func enter(_ userID: Int64, _ name: String) throws -> UInt64 {
            try sessions.enter(userID) { ended.withLock { $0.append(name) } }
        }
        let first = try enter(7, "first")
        let second = try enter(7, "second")
        _ = try enter(8, "another user's")
        #expect(ended.withLock { $0 }.isEmpty)
        _ = try enter(7, "third")
        #expect(ended.withLock { $0 } == ["first"])
        // It is open until its connection ends.
        #expect(sessions.count == 4)
        sessions.leave(first, of: 7)
        sessions.leave(second, of: 7)
        _ = try enter(7, "fourth")
        #expect(ended.withLock { $0 } == ["first"] && sessions.count == 3)
    }

    @Test("A process takes no more than its limit")
    func perProcess() throws {
        let sessions = WebSocketSessions(limit: 1, perUser: 10)
        let only = try sessions.enter(7) {}
        #expect(throws: WebSocketSessions.TooMany.self) { try sessions.enter(8) {} }
        sessions.leave(only, of: 7)
        _ = try sessions.enter(8) {}
        #expect(sessions.count == 1)
    }
}
