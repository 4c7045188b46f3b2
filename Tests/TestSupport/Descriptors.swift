import Glibc

/// Runs `body` in a process that gets no new descriptor meanwhile, as when it has reached its limit.
///
/// Only in a process of the test's own, and for as short as can be: everything else there gets none either.
public func withoutDescriptors<Result>(_ body: () throws -> Result) rethrows -> Result {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var before = rlimit()
    getrlimit(resource, &before)
    var none = rlimit(rlim_cur: 0, rlim_max: before.rlim_max)
    setrlimit(resource, &none)
    defer { setrlimit(resource, &before) }
    return try body()
}
