import Glibc

/// Small files that hold keys: read whole, written in one step.
enum SecretFile {
    /// More than any key file needs.
    private static let limit = 1 << 20

    /// Reads a whole file.
    ///
    /// - Parameter isSecret: Refuse a file that users other than its owner and group can read or write.
    static func read(_ path: String, isSecret: Bool = true) throws(KeyError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let number = errno
            throw KeyError("cannot read \(path): \(reason(number))", isMissing: number == ENOENT)
        }
        defer { close(descriptor) }
        guard let status = FileStatus(of: descriptor) else {
            throw KeyError("cannot read \(path): \(reason(errno))")
        }
        guard status.isFile else { throw KeyError("\(path) is not a file") }
        if isSecret, status.isOpenToAll {
            throw KeyError("\(path) is open to every user of this host: chmod 600 it")
        }
        guard status.size <= limit else { throw KeyError("\(path) is too large for a key file") }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw KeyError("cannot read \(path): \(reason(errno))") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw KeyError("\(path) is too large for a key file")
    }

    /// Writes a file beside the old one, then puts it in its place; a symbolic link goes on to name it.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(KeyError) {
        do {
            try FileDraft.write(bytes, to: FileTarget(path, takesSpecial: false), mode: mode)
        } catch {
            throw KeyError(error.description)
        }
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}

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
        let number = errno
        throw KeyError("cannot read \(path): \(String(cString: strerror(number)))", isMissing: number == ENOENT)
    }

    func release() {
        // Closing alone would leave it to a process that is being forked at this moment.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
