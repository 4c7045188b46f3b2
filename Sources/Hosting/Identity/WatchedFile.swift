import Glibc
import NIOPosix

/// A key file that may be replaced while the process runs.
struct WatchedFile: Sendable {
    /// What tells one version of a file from the next without reading it.
    private struct Stamp: Hashable, Sendable {
        var device: dev_t
        var inode: ino_t
        var size: Int
        var seconds: Int
        var nanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = status.st_dev
            inode = status.st_ino
            size = Int(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
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
