import FoundationEssentials
import Glibc
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

    @Test("Of several that make a key file in one moment one has made it; the others name the command to paste")
    func made() async throws {
        let path = "/tmp/shopctl keys \(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let runs = await withTaskGroup(of: CommandRun.self) { group in
            for _ in 0..<10 {
                group.addTask { await CommandRun(["token", "keys", "generate", "--file", path]) }
            }
            return await group.reduce(into: [CommandRun]()) { $0.append($1) }
        }
        let made = runs.filter { $0.status == .success }
        let id = try SigningKeys(file: path).activeKeyID
        #expect(made.count == 1 && made.first?.output.contains(id) == true, "\(made)")
        for run in runs where run.status != .success {
            #expect(run.status == .badData, "\(run)")
            #expect(run.notes.contains("hint: shopctl token keys rotate --file '\(path)'"), "\(run)")
        }
    }

    @Test("A key file that is missing, open to all or none leads to a command that helps, never to the one that failed")
    func unusable() async {
        let path = "/tmp/shopctl keys \(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        for words in [["list"], ["jwks"], ["rotate"]] {
            let missing = await CommandRun(["token", "keys"] + words + ["--file", path])
            #expect(missing.status == .notFound && missing.notes.contains("SHOP-701"), "\(missing)")
            #expect(missing.notes.contains("hint: shopctl token keys generate --file '\(path)'\n"), "\(missing)")
        }
        #expect(await CommandRun(["token", "keys", "generate", "--file", path]).status == .success)
        #expect(chmod(path, 0o644) == 0)
        let exposed = await CommandRun(["token", "keys", "list", "--file", path])
        #expect(exposed.status == .badData && exposed.notes.contains("hint: chmod 600 '\(path)'\n"), "\(exposed)")
    }
}
