import DriverSupport
import Glibc
import TestSupport
import Testing

@Suite("Wake-up", .timeLimit(.minutes(60)))
struct WakeUpTests {
    private let farAway = MonotonicTime.now + .seconds(300)

    @Test("A signal ends the next wait, once")
    func signal() throws {
        let wake = WakeUp()
        try #require(wake.open())
        wake.signal()
        wake.signal()
        wake.wait(until: farAway)
        #expect(.now < farAway)
        let moment = MonotonicTime.now + .milliseconds(20)
        wake.wait(until: moment)
        #expect(moment <= .now)
    }

    @Test("The other descriptor's events end a wait and are told")
    func other() throws {
        let wake = WakeUp()
        try #require(wake.open())
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        #expect(wake.look(at: ends[0], for: POLLIN) == 0)
        #expect(wake.wait(alsoOn: ends[1], for: POLLOUT, until: farAway) == POLLOUT)
        var byte: UInt8 = 1
        try #require(write(ends[1], &byte, 1) == 1)
        #expect(wake.wait(alsoOn: ends[0], for: POLLIN, until: farAway) == POLLIN)
        #expect(.now < farAway)
    }

    @Test("Without descriptors it cannot be opened, and as soon as there are some it can")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            let wake = WakeUp()
            #expect(!withoutDescriptors { wake.open() })
            #expect(wake.open())
            wake.signal()
            wake.wait()
        }
    }
}
