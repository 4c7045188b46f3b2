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

    @Test func aRingEndsTheWait() async {
        let wake = Wake()
        async let waiting: Void = wake.wait(atMost: .seconds(60))
        wake.ring()
        await waiting
    }

    @Test func cancellationEndsTheWait() async {
        let wake = Wake()
        let task = Task { await wake.wait(atMost: .seconds(60)) }
        task.cancel()
        await task.value
    }

    @Test func patienceEndsTheWaitWhateverTimersOthersHaveLeft() async {
        let wake = Wake()
        // The first leaves a long timer, each of the others a short one.
        for patience in [60_000, 5, 5, 5] {
            async let waiting: Void = wake.wait(atMost: .milliseconds(patience))
            wake.ring()
            await waiting
        }
        // A ring may have come when the wait was over.
        await wake.wait(atMost: .zero)
        let begun = ContinuousClock.now
        await wake.wait(atMost: .milliseconds(100))
        #expect(ContinuousClock.now - begun >= .milliseconds(100), "nobody has rung")
        await wake.wait(atMost: .milliseconds(1))
    }

    @Test func nothingOfItOutlivesIt() async throws {
        weak var gone: Wake?
        do {
            let wake = Wake()
            gone = wake
            async let waiting: Void = wake.wait(atMost: .seconds(3600))
            wake.ring()
            await waiting
        }
        try await eventually("it is gone") { gone == nil }
    }
}
