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
}
