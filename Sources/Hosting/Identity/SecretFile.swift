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
            throw KeyError("\(path) is open to every user of this host: chmod 600 it", isOpenToAll: true)
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

    /// Writes a file that is not there yet, in one step.
    ///
    /// - Returns: False if one is there, also one that somebody else has made at this moment; it stays as it is.
    static func create(_ bytes: [UInt8], at path: String, mode: mode_t) throws(KeyError) -> Bool {
        guard access(path, F_OK) != 0 else { return false }
        do {
            try FileDraft.write(bytes, to: FileTarget(path, takesSpecial: false), mode: mode, replaces: false)
        } catch {
            guard error.number == EEXIST else { throw KeyError(error.description) }
            return false
        }
        return true
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
