import Glibc

/// The process's limit on open descriptors (`RLIMIT_NOFILE`).
public enum OpenFiles {
    /// More than any of our processes can use; some systems' hard limit is a number that they do not grant.
    private static let most: rlim_t = 1 << 20

    /// Raises the soft limit to the hard one, as far as the system lets it.
    public static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let target = min(limit.rlim_max, most)
        guard target > limit.rlim_cur else { return }
        limit.rlim_cur = target
        // A limit that cannot be raised holds as it is: whoever asks for ``limit`` sees it.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The descriptors that the process may have open at once.
    public static var limit: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(min(limit.rlim_cur, most))
    }
}
