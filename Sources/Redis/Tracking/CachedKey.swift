/// The names of what ``KeyVersions`` keeps in Redis.
public enum CachedKey {
    static let versionSuffix = ":version"

    /// The key whose value has changed at its source; nil for a name that says nothing of that, such as the
    /// value's own: that is written whenever it is read, too.
    ///
    /// - Parameters:
    ///   - name: A name in Redis, as ``RedisKeyWatch`` tells it.
    ///   - prefix: The beginning of the keys, as in `product:`.
    public static func changed(_ name: String, in prefix: String) -> Substring? {
        guard name.hasPrefix(prefix), name.hasSuffix(versionSuffix) else { return nil }
        return name.dropFirst(prefix.count).dropLast(versionSuffix.count)
    }
}
