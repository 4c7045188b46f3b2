import Glibc

/// The kind, rights, size and identity of an open file.
///
/// `stat` is looked into here alone: in the company of certain files the compiler takes it for a part of a module that
/// nobody imports.
struct FileStatus {
    /// False for pipes, folders and devices.
    let isFile: Bool
    /// True if users other than its owner and group can read, write or run it.
    let isOpenToAll: Bool
    /// Bytes.
    let size: Int
    /// The same for the same file, by whatever name.
    let identity: String

    /// Asks for the status; nil if there is none, with the reason in `errno`.
    init?(of descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        isFile = status.st_mode & S_IFMT == S_IFREG
        isOpenToAll = status.st_mode & 0o007 != 0
        size = status.st_size
        identity = "\(status.st_dev):\(status.st_ino)"
    }
}
