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
        guard descriptor >= 0 else { throw KeyError("cannot read \(path): \(reason(errno))") }
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

    /// Writes a file beside the old one, then puts it in its place.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(KeyError) {
        let draft = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw KeyError("cannot write \(path): \(reason(errno))") }
        var failure: Int32 = fchmod(descriptor, mode) == 0 ? 0 : errno
        var written = 0
        while failure == 0, written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { written += count } else if errno != EINTR { failure = errno }
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0, failure == 0 { failure = errno }
        if failure == 0, rename(draft, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(draft)
            throw KeyError("cannot write \(path): \(reason(failure))")
        }
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
