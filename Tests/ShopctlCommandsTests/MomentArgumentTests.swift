import FoundationEssentials
import ArgumentParser
import Testing

@testable import ShopctlCommands

@Suite struct MomentArgumentTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test(arguments: [
        ("20m", 1_800_000_000 - 1200.0), ("90", 1_800_000_000 - 90.0), ("2027-01-15T08:00:00Z", 1_800_000_000.0),
        ("2027-01-15T08:00:00.500Z", 1_800_000_000.5), ("2027-01-15T11:00:00+03:00", 1_800_000_000.0),
    ])
    func aTimeOrASpanBeforeNow(_ text: String, _ seconds: Double) throws {
        let moment = try #require(MomentArgument(argument: text))
        #expect(moment.date(now: now).timeIntervalSince1970 == seconds)
    }

    @Test(arguments: ["", "yesterday", "20 m", "-5m", "2027-01-15", "2027-13-15T08:00:00Z"])
    func anythingElseIsRefused(_ text: String) {
        #expect(MomentArgument(argument: text) == nil)
    }
}
