import DriverSupport
import Logging
import Testing

@testable import Redis

@Suite("Log of refusals")
struct RefusalLogTests {
    @Test("A reason is logged when it begins and when it has been over for a while, however often it comes between")
    func onceAChange() {
        let records = Records()
        var log = RefusalLog(logger: records.logger, server: "redis:6379/0")
        let start = MonotonicTime.now
        for second in 0..<60 {
            log.refused("OOM", "OOM no memory", at: start + .seconds(second))
            log.carriedOut(at: start + .seconds(second))
        }
        log.refused("MISCONF", "MISCONF no disk", at: start)
        #expect(records.all.count == 2)
        log.carriedOut(at: start + .seconds(68))
        #expect(records.count(.notice, "OOM") == 0)
        log.carriedOut(at: start + .seconds(69))
        #expect(records.count(.notice, "OOM") == 1)
        #expect(records.count(.notice, "60") == 1)
        log.refused("OOM", "OOM no memory", at: start + .seconds(70))
        #expect(records.count(.warning, "OOM") == 2)
    }
}
