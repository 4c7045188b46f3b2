import Testing

@testable import RabbitMQ

@Suite("Reconnect backoff")
struct ReconnectBackoffTests {
    @Test("Waits double up to the longest, each between half of its step and all of it")
    func doubling() {
        var backoff = ReconnectBackoff(.milliseconds(100) ... .seconds(1))
        let waits = (1...100).map { _ in backoff.next() }
        for (wait, step) in zip(waits, [100, 200, 400, 800] + Array(repeating: 1000, count: 96)) {
            #expect(wait >= .milliseconds(step) / 2 && wait <= .milliseconds(step))
        }
    }

    @Test("After a success it begins again")
    func reset() {
        var backoff = ReconnectBackoff(.milliseconds(100) ... .seconds(60))
        for _ in 1...10 { _ = backoff.next() }
        backoff.reset()
        #expect(backoff.next() <= .milliseconds(100))
    }
}
