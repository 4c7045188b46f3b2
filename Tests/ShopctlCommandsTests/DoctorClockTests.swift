import FoundationEssentials
import TestSupport
import Testing

@testable import ShopctlCommands

@Suite("A doctor whose own clock is off") struct DoctorClockTests {
    @Test("Redis is found to be behind a host that is a minute ahead, and to be well for one that is not")
    func redis() async throws {
        try await withFixture { fixture in
            let environment = ["REDIS_URL": fixture.redis().url]
            let off = await CommandRun(["doctor"], environment: environment, clock: 60)
            #expect(off.status == .no, "\(off)")
            let line = try #require(off.output.split(separator: "\n").first { $0.hasPrefix("warning redis: ") })
            #expect(line.contains("behind this host's") && line.contains("limits of requests"), "\(off)")
            #expect(
                off.output.contains("\n  measured to ") && off.output.contains("next: timedatectl status"), "\(off)")
            let well = await CommandRun(["doctor"], environment: environment)
            #expect(well.status == .partial && !well.output.contains("clock"), "\(well)")
        }
    }
}
