import FoundationEssentials
import NIOPosix

/// A key file that may be replaced while the process runs.
struct WatchedFile: Sendable {
    /// What tells one version of a file from the next without reading it.
    private struct Stamp: Hashable, Sendable {
        var inode: Int?
        var size: Int?
        var modified: Date?

        init?(_ path: String) {
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
            inode = (attributes[.systemFileNumber] as? any BinaryInteger).map { Int(truncatingIfNeeded: $0) }
            size = (attributes[.size] as? any BinaryInteger).map { Int(truncatingIfNeeded: $0) }
            modified = attributes[.modificationDate] as? Date
        }
    }

    let path: String
    private var stamp: Stamp?

    /// Watches from the version that is there now.
    init(_ path: String) {
        self.path = path
        self.stamp = Stamp(path)
    }

    /// Whether the file has been replaced since the last time that this was asked; looks on a thread for blocking work.
    mutating func hasChanged() async -> Bool {
        let path = path
        let seen = try? await NIOThreadPool.singleton.runIfActive { Stamp(path) }
        guard let seen, seen != stamp else { return false }
        stamp = seen
        return true
    }
}
