import Testing

@testable import Gateway

/// The waits before notifications are asked for again.
@Suite struct RetryPauseTests {
    @Test func waitsDoubleUpToALimitAndDiffer() {
        let delays = RetryPause.Delays(first: .seconds(1), longest: .seconds(5))
        var waits: Set<Duration> = []
        for _ in 0..<20 {
            var pause = RetryPause(delays)
            for longest in [1, 2, 4, 5, 5] {
                let wait = pause.next()
                #expect(wait <= .seconds(longest) && wait >= .seconds(longest) / 2)
                waits.insert(wait)
            }
        }
        #expect(waits.count > 50)
    }
}
