import Glibc

/// New contents of a file, which stand under its name when they are complete, and not before.
///
/// They are written beside the file and then put in its place. A device or a pipe is written into as it is.
public struct FileDraft: Sendable {
    private let target: FileTarget
    /// The file beside it; nil for a device or a pipe.
    private let draft: String?
    private let descriptor: Int32

    /// - Parameter mode: The rights that the file gets; nil for those of any new file.
    /// - Throws: ``FileFault`` if it cannot be made.
    public init(of target: FileTarget, mode: UInt32? = nil) throws(FileFault) {
        self.target = target
        guard !target.isSpecial else {
            draft = nil
            descriptor = open(target.path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
            guard descriptor >= 0 else { throw FileFault(path: target.path) }
            return
        }
        let draft = "\(target.path).\(getpid()).\(UInt32.random(in: 0 ... .max)).new"
        self.draft = draft
        descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode ?? 0o666)
        guard descriptor >= 0 else { throw FileFault(path: target.path) }
        guard let mode, fchmod(descriptor, mode) != 0 else { return }
        let fault = FileFault(path: target.path)
        drop()
        throw fault
    }

    /// - Throws: ``FileFault``; ``drop()`` is then due.
    public func write(_ bytes: [UInt8]) throws(FileFault) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { written += count } else if errno != EINTR { throw FileFault(path: target.path) }
        }
    }

    /// Puts it in its place. On a failure nothing of it is left.
    ///
    /// - Parameter replaces: Takes the place of a file that is there; else such a one is a failure, `EEXIST`.
    public func complete(replaces: Bool = true) throws(FileFault) {
        // Devices and pipes have nothing to be kept.
        var failure: Int32 = fsync(descriptor) == 0 || draft == nil || errno == EINVAL ? 0 : errno
        if close(descriptor) != 0, failure == 0 { failure = errno }
        if failure == 0, let draft, (replaces ? rename : link)(draft, target.path) != 0 { failure = errno }
        if failure != 0 || !replaces, let draft { unlink(draft) }
        guard failure != 0 else { return }
        throw FileFault(path: target.path, errno: failure)
    }

    /// Takes away what was written beside the file.
    public func drop() {
        close(descriptor)
        if let draft { unlink(draft) }
    }

    /// Writes a whole file.
    ///
    /// - Parameter replaces: Takes the place of a file that is there; else such a one is a failure, `EEXIST`.
    /// - Throws: ``FileFault``; nothing is left of it then, and an old file is as it was.
    public static func write(
        _ bytes: [UInt8], to target: FileTarget, mode: UInt32? = nil, replaces: Bool = true
    ) throws(FileFault) {
        let draft = try FileDraft(of: target, mode: mode)
        do {
            try draft.write(bytes)
        } catch {
            draft.drop()
            throw error
        }
        try draft.complete(replaces: replaces)
    }
}
