import Glibc

/// A file that is there under its name when it is complete, and not before.
struct PartialFile: Sendable {
    private let path: String
    private let descriptor: Int32

    private var partialPath: String { path + ".part" }

    /// - Throws: ``CommandFailure`` if it cannot be made.
    init(_ path: String) throws(CommandFailure) {
        self.path = path
        descriptor = open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    func write(_ text: String) throws {
        do {
            try Descriptor.write(text, to: descriptor)
        } catch {
            throw CommandFailure(.failure, "cannot write \(path): \(String(cString: strerror(error.code)))")
        }
    }

    func complete() throws(CommandFailure) {
        guard fsync(descriptor) == 0 || errno == EINVAL, close(descriptor) == 0, rename(partialPath, path) == 0 else {
            throw Self.failure(path)
        }
    }

    /// Takes away what was written.
    func drop() {
        close(descriptor)
        unlink(partialPath)
    }

    private static func failure(_ path: String) -> CommandFailure {
        let code = errno
        let status: ExitStatus = code == ENOENT ? .notFound : code == EACCES ? .notAllowed : .failure
        return CommandFailure(status, "cannot write \(path): \(String(cString: strerror(code)))")
    }
}
