import NIOCore
import Testing

@testable import Hosting

@Suite("HTTP/1.1: for how long a client is waited for")
struct HTTPConnectionStateTests {
    /// Seconds on a clock of the test's own.
    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1_000_000_000) + .seconds(seconds) }

    private func state(_ change: (inout HTTPLimits) -> Void = { _ in }) -> HTTPConnectionState {
        var limits = HTTPLimits()
        limits.idle = .seconds(75)
        limits.head = Pace(total: .seconds(15), grace: .seconds(5), bytesPerSecond: 10)
        limits.body = Pace(total: .seconds(60), grace: .seconds(10), bytesPerSecond: 100)
        limits.answer = Pace(total: .seconds(120), grace: .seconds(10), bytesPerSecond: 100)
        limits.end = .seconds(5)
        limits.stop = .seconds(3)
        change(&limits)
        return HTTPConnectionState(limits: limits)
    }

    private func expect(
        _ state: HTTPConnectionState, _ wait: HTTPConnectionState.Wait, until seconds: Int64, sent: Int = 0,
        now: Int64, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let due = state.due(sent: sent, at: at(now))
        #expect(
            due?.wait == wait && due?.deadline == at(seconds), "\(String(describing: due))",
            sourceLocation: sourceLocation)
    }

    @Test("Silence has its limit, and a head another one from its first byte, whatever follows")
    func head() {
        var state = state()
        state.readBegan(at: at(0))
        expect(state, .idle, until: 75, now: 10)
        state.received(1, at: at(20))
        expect(state, .head, until: 25, now: 20)
        // Bytes buy time at the lowest rate, up to the total.
        state.received(49, at: at(22))
        expect(state, .head, until: 30, now: 22)
        state.received(10_000, at: at(24))
        expect(state, .head, until: 35, now: 24)
    }

    @Test("A body has its own time, and its framing counts")
    func body() {
        var state = state()
        state.readBegan(at: at(0))
        state.received(100, at: at(1))
        state.headCame(at: at(1))
        expect(state, .body, until: 12, now: 1)
        state.received(1000, at: at(5))
        expect(state, .body, until: 22, now: 5)
        state.received(1_000_000, at: at(6))
        expect(state, .body, until: 61, now: 6)
    }

    @Test("The server's time is not the client's")
    func pauses() {
        var state = state()
        state.readBegan(at: at(0))
        state.received(10, at: at(1))
        state.headCame(at: at(1))
        state.readEnded(at: at(2))
        #expect(state.due(sent: 0, at: at(500)) == nil)
        state.readBegan(at: at(1000))
        expect(state, .body, until: 1009, now: 1000)
        state.readEnded(at: at(1001))
        state.requestCame(at: at(1001))
        // It is worked on.
        #expect(state.due(sent: 0, at: at(1500)) == nil)
        state.answered(at: at(2000))
        state.readBegan(at: at(2000))
        expect(state, .idle, until: 2075, now: 2000)
    }

    @Test("An answer that is not taken has its time, and what is taken of it buys more")
    func answer() {
        var state = state()
        state.answerBegan(sent: 500, at: at(0))
        #expect(state.due(sent: 500, at: at(1)) == nil)
        state.blocked(true, at: at(10))
        expect(state, .answer, until: 20, sent: 500, now: 10)
        expect(state, .answer, until: 25, sent: 1000, now: 15)
        state.blocked(false, at: at(12))
        #expect(state.due(sent: 1000, at: at(50)) == nil)
        state.blocked(true, at: at(100))
        expect(state, .answer, until: 108, sent: 500, now: 100)
        expect(state, .answer, until: 218, sent: 10_000_000, now: 100)
        // The next one begins anew.
        state.answerBegan(sent: 1000, at: at(110))
        expect(state, .answer, until: 120, sent: 1000, now: 110)
    }

    @Test("The last answer has its time to leave, and the client to end the connection")
    func end() {
        var state = state()
        state.answerBegan(sent: 0, at: at(0))
        state.flush(at: at(1))
        expect(state, .answer, until: 11, now: 1)
        state.readBegan(at: at(2))
        expect(state, .answer, until: 11, now: 2)
        state.end(at: at(5))
        expect(state, .end, until: 10, now: 5)
        state.received(100, at: at(8))
        state.readEnded(at: at(8))
        expect(state, .end, until: 10, now: 8)
    }

    @Test("What a client may send is bounded at every point")
    func bytes() {
        var state = state {
            $0.headBytes = 100
            $0.requestBytes = 1000
            $0.endBytes = 500
        }
        state.readBegan(at: at(0))
        state.received(100, at: at(0))
        #expect(!state.isTooLong)
        state.received(1, at: at(0))
        #expect(state.isTooLong)
        state.headCame(at: at(0))
        #expect(!state.isTooLong)
        state.received(900, at: at(0))
        #expect(state.isTooLong)
        state.requestCame(at: at(0))
        #expect(!state.isTooLong)
        state.flush(at: at(0))
        state.end(at: at(0))
        state.received(500, at: at(0))
        #expect(!state.isTooLong)
        state.received(1, at: at(0))
        #expect(state.isTooLong)
    }

    @Test("A server that stops waits for nobody for long")
    func stop() {
        let steps: [(inout HTTPConnectionState) -> Void] = [
            { $0.received(1, at: self.at(1)) },
            { $0.headCame(at: self.at(1)) },
            { $0.blocked(true, at: self.at(1)) },
            { $0.flush(at: self.at(1)) },
            { $0.end(at: self.at(1)) },
        ]
        for prepare in steps {
            var state = state()
            state.readBegan(at: at(1))
            prepare(&state)
            state.stop(at: at(2))
            #expect(state.due(sent: 0, at: at(2))?.deadline == at(5))
        }
    }
}
