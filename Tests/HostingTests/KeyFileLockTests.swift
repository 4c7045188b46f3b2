import FoundationEssentials
import Glibc
import Testing

@testable import Hosting

@Suite("Of two who change a key file at the same moment, each keeps what the other has done")
struct KeyFileLockTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func makeFile() throws -> String {
        let path = directory.file("keys.json")
        try SigningKeys.generate(.eddsa).write(to: path)
        return path
    }

    @Test("Nobody changes the file while it is being changed, also by another name; then everybody can")
    func exclusive() async throws {
        let path = try makeFile()
        #expect(symlink("keys.json", directory.file("link")) == 0)
        var added: [String] = []
        _ = try await SigningKeys.change(path) { keys in
            added.append(keys.add(.eddsa))
            for name in ["keys.json", "link"] {
                let error = await #expect(throws: KeyError.self) {
                    try await SigningKeys.change(directory.file(name), patience: .zero) { _ = $0.add(.eddsa) }
                }
                #expect(error?.description.contains("is being changed") == true)
            }
        }
        let written = try await SigningKeys.change(directory.file("link"), patience: .zero) { keys in
            added.append(keys.add(.eddsa))
        }
        #expect(Array(written.keyIDs.dropFirst()) == added)
        #expect(try SigningKeys(file: path) == written)
    }

    @Test("A change that fails leaves the file as it was, and free")
    func failure() async throws {
        let path = try makeFile()
        let before = try SigningKeys(file: path)
        await #expect(throws: CancellationError.self) {
            try await SigningKeys.change(path) { keys in
                _ = keys.add(.eddsa)
                throw CancellationError()
            }
        }
        #expect(try SigningKeys(file: path) == before)
        let written = try await SigningKeys.change(path, patience: .zero) { _ = $0.add(.eddsa) }
        #expect(written.keyIDs.count == 2)
        let missing = await #expect(throws: KeyError.self) {
            try await SigningKeys.change(directory.file("missing.json")) { _ in }
        }
        #expect(missing?.description.contains("No such file") == true)
    }

    @Test("Many changes of one moment are all there")
    func many() async throws {
        let path = try makeFile()
        let count = 20
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    _ = try await SigningKeys.change(path, patience: .seconds(3600)) { keys in
                        _ = keys.add(.eddsa)
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try SigningKeys(file: path).keyIDs.count == count + 1)
    }

    @Test("Of many who make one file at the same moment one has made it, and its keys stay")
    func made() async throws {
        let path = directory.file("keys.json")
        let made = try await withThrowingTaskGroup(of: SigningKeys?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let keys = SigningKeys.generate(.eddsa)
                    return try keys.create(path) ? keys : nil
                }
            }
            return try await group.reduce(into: [SigningKeys]()) { made, keys in
                if let keys { made.append(keys) }
            }
        }
        #expect(made.map(\.activeKeyID) == [try SigningKeys(file: path).activeKeyID])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["keys.json"])
    }
}
