import Glibc

/// The system user PostgreSQL's programs run as when we are root, since they refuse to.
struct ServiceAccount: Sendable {
    let user: uid_t
    let group: gid_t

    /// The account Debian's package creates; `nil` if we are not root.
    static func forPostgres() throws(DevStackError) -> ServiceAccount? {
        guard geteuid() == 0 else { return nil }
        var record = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let code = getpwnam_r("postgres", &record, &buffer, buffer.count, &result)
        guard code == 0, result != nil else {
            throw .system(
                operation: "find the user postgres",
                reason: code == 0 ? "there is none; the package postgresql-common creates it" : errorText(code))
        }
        return ServiceAccount(user: record.pw_uid, group: record.pw_gid)
    }

    /// Gives a file or directory to the account.
    func own(_ path: String) throws(DevStackError) {
        guard chown(path, user, group) == 0 else {
            throw .system(operation: "give \(path) to the user postgres", reason: errorText())
        }
    }

    /// Fails if the account may not pass through one of the directories above the path.
    func checkReach(_ path: String) throws(DevStackError) {
        var current = ""
        for part in path.split(separator: "/") {
            current += "/" + part
            var status = stat()
            guard stat(current, &status) == 0 else { break }
            let mode = status.st_mode
            let open =
                mode & S_IXOTH != 0 || (status.st_uid == user && mode & S_IXUSR != 0)
                || (status.st_gid == group && mode & S_IXGRP != 0)
            guard open else {
                throw .unusableDirectory(
                    directory: path,
                    reason: "PostgreSQL does not run as root, and its user postgres may not enter \(current)")
            }
        }
    }
}
