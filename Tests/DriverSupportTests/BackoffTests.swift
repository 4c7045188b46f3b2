import DriverSupport
import Testing

@Suite("Backoff")
struct BackoffTests {
    @Test("Pauses lie between the shortest and a limit that doubles up to the longest")
    func doubling() {
        var backoff = Backoff(.milliseconds(100) ... .seconds(1))
        let pauses = (1...100).map { _ in backoff.next() }
        for (pause, limit) in zip(pauses, [200, 400, 800] + Array(repeating: 1000, count: 97)) {
            #expect(pause >= .milliseconds(100) && pause <= .milliseconds(limit))
        }
    }

    @Test("Clients that failed at the same moment do not come back at the same moment")
    func jitter() {
        let first = (1...100).map { _ in
            var backoff = Backoff(.milliseconds(100) ... .seconds(1))
            return backoff.next()
        }
        #expect(Set(first).count > 90)
    }

    @Test("After a success it begins again")
    func reset() {
        var backoff = Backoff(.milliseconds(100) ... .seconds(60))
        for _ in 1...10 { _ = backoff.next() }
        backoff.reset()
        #expect(backoff.next() <= .milliseconds(200))
    }

    @Test("No range and no number of failures is too large", arguments: [Duration.zero, .seconds(1 << 60)])
    func extremes(longest: Duration) {
        var backoff = Backoff(.zero...longest)
        for _ in 1...100 { #expect(backoff.next() >= .zero) }
    }
}
