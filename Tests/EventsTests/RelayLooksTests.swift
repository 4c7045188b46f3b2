import Testing

@testable import Events

/// A relay looks seldom while there is nothing to publish, and soon once there is.
@Suite struct RelayLooksTests {
    private let start = ContinuousClock.now
    private let options = OutboxRelay.Options()

    /// The waits after looks that find so much, one after the other, each at the time of the one before.
    private func waits(_ looks: inout RelayLooks, finding counts: [Int]) -> [Duration] {
        counts.map { count in
            let now = looks.next
            looks.hasLooked(found: count, of: options.batchSize, at: now, jitter: 1)
            return looks.next - now
        }
    }

    @Test func looksThatFindNothingGrowRare() {
        var looks = RelayLooks(options, at: start)
        #expect(looks.next == start)
        let waits = waits(&looks, finding: [0, 0, 0, 0, 0])
        #expect(waits == [1, 2, 4, 4, 4].map { options.pollInterval * $0 })
        #expect(options.longestPollInterval == options.pollInterval * 4)
    }

    @Test func aLookThatFindsSomethingIsFollowedSoon() {
        var looks = RelayLooks(options, at: start)
        let waits = waits(&looks, finding: [0, 0, 0, 1, 0, 0])
        #expect(waits == [1, 2, 4, 1, 1, 2].map { options.pollInterval * $0 })
    }

    @Test func aLookThatFindsAllItMayIsFollowedAtOnce() {
        var looks = RelayLooks(options, at: start)
        #expect(waits(&looks, finding: [0, options.batchSize, 0]) == [1, 0, 1].map { options.pollInterval * $0 })
    }

    @Test func workBringsTheNextLookNear() {
        var looks = RelayLooks(options, at: start)
        _ = waits(&looks, finding: [0, 0, 0, 0])
        let now = looks.next - options.longestPollInterval
        looks.hasWork(at: now)
        #expect(looks.next == now + options.pollInterval)
        // A look that is near already is not put off.
        looks.hasWork(at: now + options.pollInterval / 2)
        #expect(looks.next == now + options.pollInterval)
        #expect(waits(&looks, finding: [0, 0]) == [1, 2].map { options.pollInterval * $0 })
    }
}
