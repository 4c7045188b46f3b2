import Glibc

/// The directories of ephemeral stacks, in the system's temporary directory.
enum EphemeralDirectory {
    private static let prefix = "shopctl-dev-"

    private static var temporaryDirectory: String {
        guard let value = getenv("TMPDIR") else { return "/tmp" }
        let text = String(cString: value)
        return text.hasPrefix("/") ? absolutePath(text) : "/tmp"
    }

    /// Creates an empty one with a name nobody can foresee.
    static func create() throws(DevStackError) -> String {
        let path = "\(temporaryDirectory)/\(prefix)\(geteuid())-\(randomHex(bytes: 6))"
        guard mkdir(path, 0o700) == 0 else {
            throw .unusableDirectory(directory: path, reason: errorText())
        }
        // PostgreSQL's user passes through on its way to the data directory; all else in it is closed to others.
        chmod(path, 0o711)
        return path
    }

    /// Whether this user's ephemeral directories have names like this one's.
    static func isOne(_ path: String) -> Bool { path.hasPrefix("\(temporaryDirectory)/\(prefix)\(geteuid())-") }

    /// This user's ephemeral directories, whoever owns the stacks in them.
    static func all() -> [String] {
        let parent = temporaryDirectory
        let own = "\(prefix)\(geteuid())-"
        return entries(of: parent).filter { $0.hasPrefix(own) }.map { parent + "/" + $0 }.filter { path in
            // Anybody may create a directory of that name; only our own is believed.
            var status = stat()
            return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
        }
    }

    /// Ends and deletes the ephemeral stacks whose owner is dead. Blocks; not for the cooperative pool.
    ///
    /// - Returns: the directories that were deleted.
    @discardableResult
    static func reapDead() -> [String] {
        all().filter { path in
            let layout = Layout(root: path)
            // A held lock is a living owner; a missing one is an owner that is just starting, or the remains of a
            // deletion that was interrupted, which age tells apart.
            guard let lock = try? DirectoryLock.acquire(layout.lockFile, create: false) else {
                guard access(layout.lockFile, F_OK) != 0, isOlderThanAMinute(path) else { return false }
                removeTree(path)
                return true
            }
            defer { lock.release() }
            if let state = try? StateFile.read(layout.stateFile) {
                Reaper.reap(marker: state.marker, manner: .immediate)
            } else if !isOlderThanAMinute(path) {
                return false
            }
            removeTree(path)
            return true
        }
    }

    private static func isOlderThanAMinute(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && time(nil) - status.st_mtim.tv_sec > 60
    }
}
