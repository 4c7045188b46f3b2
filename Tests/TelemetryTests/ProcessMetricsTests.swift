import Testing

@testable import Telemetry

@Suite("Process metrics")
struct ProcessMetricsTests {
    @Test("A program's name may hold blanks and parentheses")
    func oddName() throws {
        let fields = (4...52).map(String.init).joined(separator: " ")
        let statistics = try #require(ProcessMetrics.Statistics(ofProcess: "77 (a) b (c d) S \(fields)\n"))
        #expect(statistics.threads == 20)
        #expect(statistics.virtualBytes == 23)
        #expect(statistics.startSecondsAfterBoot == 0.22)
        #expect(statistics.cpuSeconds == 0.29)
    }

    @Test("Text of another form gives nothing", arguments: ["", "77", "77 (a)", "77 (a) S 1 2 3"])
    func oddText(text: String) {
        #expect(ProcessMetrics.Statistics(ofProcess: text) == nil)
    }

    @Test("The time of boot is found")
    func boot() {
        #expect(ProcessMetrics.bootTime("cpu 1 2\nbtime 1700000000\nprocesses 5\n") == 1_700_000_000)
        #expect(ProcessMetrics.bootTime("cpu 1 2\n") == nil)
    }
}
