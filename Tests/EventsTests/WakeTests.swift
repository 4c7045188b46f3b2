import TestSupport
import Testing

@testable import Events

@Suite struct WakeTests {
    @Test func aRingBeforeTheWaitIsRemembered() async {
        let wake = Wake()
        wake.ring()
        wake.ring()
        // Would take a minute if the ring were lost.
        await wake.wait(atMost: .seconds(60))
    }

    @Test func aRingEndsTheWait() async throws {
        try await sleepUntilRung(Wake(), atMost: .seconds(3600))
    }

    @Test func cancellationEndsTheWait() async throws {
        let wake = Wake()
        let task = Task { await wake.wait(atMost: .seconds(3600)) }
        defer { task.cancel() }
        try await eventually("it sleeps") { wake.sleepers == 1 }
        task.cancel()
        await task.value
        #expect(wake.sleepers == 0)
    }

    @Test func patienceEndsTheWaitThoughALongTimerIsLeft() async throws {
        let wake = Wake()
        try await sleepUntilRung(wake, atMost: .seconds(3600))
        let long = try #require(wake.timer)
        let begun = ContinuousClock.now
        await wake.wait(atMost: .milliseconds(100))
        #expect(ContinuousClock.now - begun >= .milliseconds(100), "nobody has rung")
        #expect(wake.timer?.id != long.id)
    }

    @Test func aTimerThatEndsBeforeTheSleepIsFollowedByOneThatEndsIt() async throws {
        let wake = Wake()
        try await sleepUntilRung(wake, atMost: .seconds(3600))
        let short = try #require(wake.timer)
        try await sleepUntilRung(wake, atMost: .seconds(7200)) {
            #expect(wake.timer?.id == short.id, "one timer serves both")
            wake.timerEnded(short.id)
            #expect(wake.sleepers == 1)
            let next = try #require(wake.timer)
            #expect(next.end - short.end >= .seconds(3600))
        }
    }

    @Test func aTimerThatEndedTooLateToBeCancelledLeavesItsSuccessor() async throws {
        let wake = Wake()
        try await sleepUntilRung(wake, atMost: .seconds(7200))
        let long = try #require(wake.timer)
        try await sleepUntilRung(wake, atMost: .seconds(3600)) {
            let successor = try #require(wake.timer)
            #expect(successor.id != long.id && successor.end < long.end)
            wake.timerEnded(long.id)
            #expect(wake.timer?.id == successor.id && wake.sleepers == 1)
        }
        wake.timerEnded(long.id)
        #expect(wake.timer != nil)
    }

    @Test func nothingOfItOutlivesIt() async throws {
        weak var gone: Wake?
        do {
            let wake = Wake()
            gone = wake
            try await sleepUntilRung(wake, atMost: .seconds(3600))
            #expect(wake.timer != nil)
        }
        try await eventually("it is gone") { gone == nil }
    }

    /// Sleeps, rings when the sleeper is there, and waits for its end; its timer is left.
    ///
    /// - Parameter meanwhile: Looks while it sleeps.
    private func sleepUntilRung(
        _ wake: Wake, atMost patience: Duration, _ meanwhile: () throws -> Void = {}
    ) async throws {
        // One that is not rung is cancelled, and ends, too.
        async let sleep: Void = wake.wait(atMost: patience)
        try await eventually("it sleeps") { wake.sleepers == 1 }
        try meanwhile()
        wake.ring()
        await sleep
    }
}
