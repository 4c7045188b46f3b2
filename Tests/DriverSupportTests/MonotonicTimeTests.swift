import DriverSupport
import Glibc
import Testing

@Suite("Monotonic time")
struct MonotonicTimeTests {
    private let moment = MonotonicTime(nanoseconds: 5_000_000_000)

    @Test("Moments are compared and added to, a century at most")
    func arithmetic() {
        #expect(moment + .milliseconds(1500) == MonotonicTime(nanoseconds: 6_500_000_000))
        #expect(moment + .seconds(-1) < moment)
        #expect((moment + .seconds(1)).since(moment) == .seconds(1))
        #expect(moment.since(moment + .seconds(1)) == .seconds(-1))
        #expect(moment + .seconds(Int64.max) < MonotonicTime(nanoseconds: .max))
        #expect(moment + .seconds(Int64.max) > moment)
    }

    @Test("What is left of a moment that has passed is nothing")
    func passed() {
        let past = MonotonicTime.now + .seconds(-1)
        #expect(past.fromNow == .zero)
        #expect(past.millisecondsFromNow == 0)
    }

    @Test("A wait for a moment is never too short, nor negative however far it is")
    func waits() {
        let soon = MonotonicTime.now + .microseconds(1)
        let wait = soon.millisecondsFromNow
        #expect(wait == 1 || soon <= .now)
        #expect((MonotonicTime.now + .seconds(Int64.max)).millisecondsFromNow == .max)
    }

    @Test("The earlier of two moments, of which either may be none")
    func earlier() {
        #expect(earliest(moment, moment + .seconds(1)) == moment)
        #expect(earliest(nil, moment) == moment)
        #expect(earliest(moment, nil) == moment)
        #expect(earliest(nil, nil) == nil)
    }

    @Test("Durations in whole units")
    func durations() {
        #expect(Duration.microseconds(1500).wholeMilliseconds == 2)
        #expect(Duration.nanoseconds(1).wholeMilliseconds == 1)
        #expect(Duration.zero.wholeMilliseconds == 0)
        #expect(Duration.milliseconds(1500).timeValue.tv_sec == 1)
        #expect(Duration.milliseconds(1500).timeValue.tv_usec == 500_000)
        #expect(Duration.seconds(-1).timeValue.tv_sec == 0)
    }
}
