import FoundationEssentials
import NIOPosix

/// A key file that may be replaced while the process runs.
struct WatchedFile: Sendable {
    let path: String
    /// The text that the file held when it was last looked at. Its times and numbers would not do: two versions written
    /// in one tick of the clock can share them all.
    private var contents: Data?

    /// Watches from the version that is there now.
    init(_ path: String) {
        self.path = path
        self.contents = FileManager.default.contents(atPath: path)
    }

    /// Whether the file has been replaced since the last time that this was asked; looks on a thread for blocking work.
    mutating func hasChanged() async -> Bool {
        let path = path
        let seen = try? await NIOThreadPool.singleton.runIfActive { FileManager.default.contents(atPath: path) }
        guard let seen, seen != contents else { return false }
        contents = seen
        return true
    }
}
