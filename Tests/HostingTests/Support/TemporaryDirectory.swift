import FoundationEssentials
import Glibc

/// A directory for one test, gone when the test is.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = "/tmp/shopctl-hosting-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ text: String, to name: String, mode: mode_t = 0o600) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
        chmod(file(name), mode)
        return file(name)
    }
}
