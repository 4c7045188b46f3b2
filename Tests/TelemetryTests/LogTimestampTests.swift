import FoundationEssentials
import Testing

@testable import Telemetry

@Suite("Timestamps")
struct LogTimestampTests {
    private func text(_ seconds: Int64, _ milliseconds: Int64 = 0) -> String {
        var bytes: [UInt8] = []
        LogTimestamp(seconds: seconds, milliseconds: milliseconds).appendDateAndTime(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Well-known moments")
    func known() {
        #expect(text(0) == "1970-01-01T00:00:00.000Z")
        #expect(text(951_782_400, 7) == "2000-02-29T00:00:00.007Z")
        #expect(text(1_709_251_199, 999) == "2024-02-29T23:59:59.999Z")
        #expect(text(4_107_542_399) == "2100-02-28T23:59:59.000Z")
        #expect(text(4_107_542_400) == "2100-03-01T00:00:00.000Z")
        #expect(text(-1) == "1969-12-31T23:59:59.000Z")
    }

    @Test("Every day of two centuries is what Foundation says")
    func everyDay() {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for day in Int64(-3650)..<70_000 {
            let seconds = day * 86_400 + (day * 7919) % 86_400
            guard text(seconds) == Date(timeIntervalSince1970: Double(seconds)).formatted(style) else {
                Issue.record("day \(day)")
                return
            }
        }
    }
}
