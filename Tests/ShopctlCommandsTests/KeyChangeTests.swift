import FoundationEssentials
import Hosting
import Testing

@testable import ShopctlCommands

@Suite("Commands that change a key file wait for each other")
struct KeyChangeTests {
    @Test("What several have done to the keys in one moment is all there")
    func together() async throws {
        let path = "/tmp/shopctl-keys-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        @Sendable func keys(_ arguments: String...) async -> CommandRun {
            await CommandRun(["token", "keys"] + arguments + ["--file", path])
        }
        #expect(await keys("generate").status == .success)
        #expect(await keys("rotate").status == .success)
        let first = try SigningKeys(file: path)
        let old = try #require(first.keyIDs.first { $0 != first.activeKeyID })
        let count = 10
        await withTaskGroup(of: CommandRun.self) { group in
            for _ in 0..<count { group.addTask { await keys("rotate", "--stage") } }
            group.addTask { await keys("retire", old) }
            for await run in group { #expect(run.status == .success, "\(run)") }
        }
        let last = try SigningKeys(file: path)
        #expect(last.keyIDs.count == count + 1 && !last.keyIDs.contains(old))
        #expect(last.activeKeyID == first.activeKeyID)
    }
}
