import Testing

@testable import ShopctlCommands

@Suite("How many letters are sent back at a time, and what ends it")
struct ReplayPlanTests {
    @Test("Without a wish all go at once, up to the limit")
    func plain() {
        #expect(ReplayPlan().size(after: []) == nil)
        #expect(ReplayPlan(limit: 3).size(after: []) == 3)
        #expect(ReplayPlan(limit: 3).size(after: [.handled, .died, .handled]) == 0)
        #expect(ReplayPlan(limit: 3).stop(after: [.died, .unknown]) == nil)
    }

    @Test("Canaries go first, and the others only if all of them were handled")
    func canary() {
        let plan = ReplayPlan(limit: 10, canary: 2)
        #expect(plan.size(after: []) == 2)
        #expect(plan.stop(after: [.handled, .handled]) == nil && plan.size(after: [.handled, .handled]) == 8)
        for fate in [ReplayObserver.Fate.died, .retried, .unconsumed, .unknown] {
            #expect(plan.stop(after: [.handled, fate]) == .canary(1), "\(fate)")
        }
        // What comes of those behind them decides nothing.
        #expect(plan.stop(after: [.handled, .handled, .died]) == nil)
        #expect(ReplayPlan(limit: 1, canary: 2).size(after: []) == 1)
    }

    @Test("No more fail than may: as many go at a time as still may")
    func failures() {
        let plan = ReplayPlan(failureLimit: 3)
        #expect(plan.size(after: []) == 3)
        #expect(plan.size(after: [.handled, .died, .handled]) == 2)
        #expect(plan.stop(after: [.handled, .died, .retried]) == nil)
        #expect(plan.stop(after: [.handled, .died, .retried, .died]) == .failures(3))
        #expect(plan.stop(after: [.handled, .unknown]) == .unknown(1))
        #expect(ReplayPlan(canary: 1, failureLimit: 3).size(after: []) == 1)
        #expect(ReplayPlan(canary: 1, failureLimit: 3).size(after: [.handled]) == 3)
    }

    @Test("A rate is a number in a time")
    func rates() {
        #expect(RateArgument(argument: "5/s")?.interval == .milliseconds(200))
        #expect(RateArgument(argument: "30/m")?.interval == .seconds(2))
        #expect(RateArgument(argument: "1/h")?.interval == .seconds(3600))
        for text in ["", "/s", "5", "5/", "0/s", "+1/s", "1.5/s", "100001/s", "5/s/s", "٣/s"] {
            #expect(RateArgument(argument: text) == nil, "\(text)")
        }
    }
}
