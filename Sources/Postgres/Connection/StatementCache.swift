/// Which statements are prepared on one connection, by their text and parameter types; the least recently used
/// leaves first.
struct StatementCache {
    struct Key: Hashable {
        let sql: String
        let types: [PostgresType]
    }

    /// The answer of a look-up.
    struct Lookup: Equatable {
        let name: String
        /// The statement must be prepared under this name first.
        let mustPrepare: Bool
        /// The server has said that the statement is prepared.
        let isConfirmed: Bool
    }

    private struct Entry {
        let name: String
        var lastUse: UInt64
        var isConfirmed = false
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var keys: [String: Key] = [:]
    private var clock: UInt64 = 0

    /// Names of prepared statements the cache let go of; the server still holds them.
    private(set) var evicted: [String] = []

    init(capacity: Int = 256) {
        self.capacity = capacity
    }

    var count: Int { entries.count }

    /// Finds the statement, or makes room and a name for it.
    mutating func lookup(_ key: Key) -> Lookup {
        clock += 1
        if let index = entries.index(forKey: key) {
            entries.values[index].lastUse = clock
            let entry = entries.values[index]
            return Lookup(name: entry.name, mustPrepare: false, isConfirmed: entry.isConfirmed)
        }
        if entries.count >= capacity { evictOldest() }
        let name = "s\(clock)"
        entries[key] = Entry(name: name, lastUse: clock)
        keys[name] = key
        return Lookup(name: name, mustPrepare: true, isConfirmed: false)
    }

    /// Notes that the server has prepared a statement.
    mutating func confirm(_ name: String) {
        if let key = keys[name] { entries[key]?.isConfirmed = true }
    }

    /// Forgets a statement that could not be prepared, or that the server has lost.
    mutating func forget(_ name: String) {
        if let key = keys.removeValue(forKey: name) { entries[key] = nil }
    }

    /// Forgets a statement that the server still holds.
    mutating func evict(_ name: String) {
        if keys[name] == nil { return }
        forget(name)
        evicted.append(name)
    }

    /// Forgets everything, as the server has after `DISCARD ALL`.
    mutating func removeAll() {
        entries.removeAll()
        keys.removeAll()
        evicted.removeAll()
    }

    /// Hands over the names to deallocate.
    mutating func takeEvicted() -> [String] {
        defer { evicted.removeAll() }
        return evicted
    }

    private mutating func evictOldest() {
        // Linear, but only when a new text meets a full cache.
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        evict(oldest.value.name)
    }
}
