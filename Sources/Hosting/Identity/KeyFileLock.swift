import Glibc

/// The right to change a key file. One process at a time has it; the kernel takes it back when that ends, however.
struct KeyFileLock {
    private let descriptor: Int32

    /// Takes the right, as soon as whoever has it lets go.
    ///
    /// - Parameter patience: How long that is waited for.
    /// - Throws: ``KeyError`` if the file cannot be locked, or not in time; `CancellationError`.
    static func acquire(_ path: String, patience: Duration) async throws -> KeyFileLock {
        let end = ContinuousClock.now + patience
        while true {
            if let lock = try attempt(path) { return lock }
            guard ContinuousClock.now < end else {
                throw KeyError("\(path) is being changed by another command: say it again when that has ended")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// - Returns: nil if another has it.
    private static func attempt(_ path: String) throws(KeyError) -> KeyFileLock? {
        let descriptor = try open(path)
        let lock = KeyFileLock(descriptor: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            lock.release()
            if code == EWOULDBLOCK || code == EINTR { return nil }
            throw KeyError("cannot lock \(path): \(String(cString: strerror(code)))")
        }
        // The one before may have put another file in its place.
        let named = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard named >= 0 else {
            let number = errno
            lock.release()
            // In between it may have no name; any other reason, as too many open files, waiting does not mend.
            if number == ENOENT { return nil }
            throw cannotOpen(path, number)
        }
        defer { close(named) }
        guard let locked = FileStatus(of: descriptor), FileStatus(of: named)?.identity == locked.identity else {
            lock.release()
            return nil
        }
        return lock
    }

    private static func open(_ path: String) throws(KeyError) -> Int32 {
        // Network file systems lock only what is open for writing; elsewhere a file that nobody may write can be replaced.
        for way in [O_RDWR, O_RDONLY] {
            let descriptor = Glibc.open(path, way | O_NONBLOCK | O_CLOEXEC)
            if descriptor >= 0 { return descriptor }
        }
        throw cannotOpen(path, errno)
    }

    private static func cannotOpen(_ path: String, _ number: Int32) -> KeyError {
        KeyError("cannot open \(path): \(String(cString: strerror(number)))", isMissing: number == ENOENT)
    }

    func release() {
        // Closing alone would leave it to a process that is being forked at this moment.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
