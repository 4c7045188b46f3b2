import TestSupport
import Testing

@testable import Orders

@Suite struct OrderWaitersTests {
    @Test("Turns are waited for until all have come, or the time is over")
    func turns() async throws {
        let waiters = OrderWaiters()
        let waiting = Task { await waiters.turns(of: [1, 2], atMost: .seconds(3600)) }
        try await eventually("both are waited for") { waiters.awaitedOrders == [1, 2] }
        waiters.wake(2)
        waiters.wake(3)
        #expect(waiters.awaitedOrders == [1, 2])
        waiters.wake(1)
        await waiting.value
        #expect(waiters.awaitedOrders == [])
        await waiters.turns(of: [4], atMost: .milliseconds(1))
        #expect(waiters.awaitedOrders == [], "nothing is kept of those whose turn never came")
    }
}
