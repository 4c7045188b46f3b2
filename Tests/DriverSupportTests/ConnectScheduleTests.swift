import DriverSupport
import Testing

@Suite("Connect schedule")
struct ConnectScheduleTests {
    private let unknown = SystemError("unknown")
    private let away = SystemError("away")

    private func schedule(turn: Int, within limit: Duration = .seconds(6000)) -> ConnectSchedule<String, SystemError> {
        ConnectSchedule(
            [.success(["a1", "a2"]), .failure(unknown), .success(["c1"])], turn: turn, within: limit,
            shortestShare: .milliseconds(50))
    }

    @Test("Hosts take turns at being first, each with all its addresses", arguments: [(0, 0), (2, 1), (3, 0), (4, 1)])
    func turns(turn: Int, first: Int) {
        var schedule = schedule(turn: turn)
        var seen: [String] = []
        while let next = schedule.next() {
            #expect(next.host == (next.address == "c1" ? 2 : 0))
            seen.append(next.address)
        }
        #expect(seen == [["a1", "a2", "c1"], ["c1", "a1", "a2"]][first])
    }

    @Test("An address has its share of the time that is left")
    func shares() throws {
        var schedule = schedule(turn: 0)
        for most in [2000, 3000, 6000] {
            let next = schedule.next()
            let share = try #require(next).deadline.fromNow
            #expect(share <= .seconds(most) && share > .seconds(most - 600))
        }
    }

    @Test("When no time is left, an address still has the shortest share")
    func shortest() throws {
        var schedule = schedule(turn: 0, within: .zero)
        let before = MonotonicTime.now
        while let next = schedule.next() { #expect(next.deadline >= before + .milliseconds(50)) }
    }

    @Test("The last reason of every host is told in the order of the hosts")
    func failures() {
        var schedule = schedule(turn: 2)
        _ = schedule.next()
        schedule.failed(away)
        _ = schedule.next()
        schedule.failed(unknown)
        _ = schedule.next()
        schedule.failed(away)
        #expect(schedule.failures.map(\.host) == [0, 1, 2])
        #expect(schedule.failures.map(\.reason) == [away, unknown, away])
        #expect(schedule.next() == nil)
    }
}
