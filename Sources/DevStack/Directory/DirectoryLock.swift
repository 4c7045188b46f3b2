import Glibc

/// The lock that says a stack's directory has a living owner. The kernel lets go of it when the owner ends, however.
struct DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; `nil` if another process holds it.
    ///
    /// - Parameter create: whether a missing lock file is created; if not, a missing one is as good as held.
    static func acquire(_ path: String, create: Bool = true) throws(DevStackError) -> DirectoryLock? {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0o600)
        guard descriptor >= 0 else {
            if errno == ENOENT && !create { return nil }
            throw .system(operation: "open \(path)", reason: errorText())
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let held = errno == EWOULDBLOCK
            let reason = errorText()
            close(descriptor)
            if held { return nil }
            throw .system(operation: "lock \(path)", reason: reason)
        }
        return DirectoryLock(descriptor: descriptor)
    }

    /// Whether a process holds the lock now.
    static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Shared: two that merely look do not take each other for a holder.
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
        flock(descriptor, LOCK_UN)
        return false
    }

    /// Lets go. The file stays: deleting it would let two owners lock two files of one name.
    func release() {
        // Closing alone would leave it to a process that is being forked at this moment, until that has become its
        // program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
