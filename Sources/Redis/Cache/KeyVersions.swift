import DriverSupport
import Synchronization

/// The versions of keys in Redis. A change raises its key's: whoever keeps a copy of the value, in whatever process, hears
/// of that (``RedisKeyWatch``), or sees it when it looks.
///
/// What Redis cannot be told of is told again and again until it has taken it, for as long as this object is there.
public final class KeyVersions: Sendable {
    /// The number of keys that are told at a time.
    private static let batch = 500
    /// The time by which a version outlives every value that was stored under it: some for slow readers.
    private static let reserve: Int64 = 3600

    let redis: RedisClient
    private let keyPrefix: String
    private let lifetime: Duration
    private let changes: Mutex<UnheardChanges>

    /// - Parameters:
    ///   - keyPrefix: The beginning of every key, as in `product:`.
    ///   - lifetime: The longest time for which anybody keeps a value.
    public init(redis: RedisClient, keyPrefix: String, lifetime: Duration) {
        self.redis = redis
        self.keyPrefix = keyPrefix
        self.lifetime = lifetime
        changes = Mutex(UnheardChanges(lifetime: lifetime))
    }

    /// Raises versions, and deletes what is stored under them. To be called after a change has been committed at the
    /// source; returns when Redis knows of it, or cannot be told now.
    public func raise(_ keys: [String]) async {
        guard !keys.isEmpty else { return }
        await tell(keys, upTo: note(keys))
    }

    /// Notes changes that Redis is to be told of; returns their number.
    func note(_ keys: [String]) -> UInt64 {
        changes.withLock { $0.note(keys, at: .now) }
    }

    /// Those of the keys whose last change Redis does not know, each with the change's number.
    func unheard(_ keys: [String]) -> [(key: String, number: UInt64)] {
        changes.withLock { changes in
            let now = MonotonicTime.now
            return keys.compactMap { key in changes.unheard(key, at: now).map { (key, $0) } }
        }
    }

    /// Tells Redis of changes; if that fails, a task of its own goes on until it succeeds.
    func tell(_ keys: [String], upTo number: UInt64) async {
        if await isTold(keys) {
            changes.withLock { $0.told(keys, upTo: number) }
            return
        }
        guard changes.withLock({ $0.beginRepeating() }) else { return }
        Task { [weak self] in
            var pause = Duration.milliseconds(100)
            while true {
                try? await Task.sleep(for: pause)
                // A cache that nobody has any more reads nothing either.
                guard let self, await !self.tellRest() else { return }
                pause = min(pause * 2, .seconds(1))
            }
        }
    }

    /// Tells Redis of all that it has not heard; false if that failed.
    private func tellRest() async -> Bool {
        while true {
            let (keys, number) = changes.withLock { $0.some(Self.batch) }
            if !keys.isEmpty {
                guard await isTold(keys) else { return false }
            }
            let isDone = changes.withLock { changes in
                changes.told(keys, upTo: number)
                return changes.endRepeating()
            }
            if isDone { return true }
        }
    }

    private func isTold(_ keys: [String]) async -> Bool {
        let seconds = lifetime.components.seconds + Self.reserve
        let names = keys.flatMap { [versionName($0), valueName($0)] }
        do {
            try await redis.evaluate(raiseVersions, keys: names, arguments: [.int(seconds)])
            return true
        } catch {
            return false
        }
    }

    func valueName(_ key: String) -> String { keyPrefix + key }
    func versionName(_ key: String) -> String { keyPrefix + key + CachedKey.versionSuffix }
}

/// Deletes values and raises their versions.
///
/// In this order: a Redis without memory refuses a script's first command if it could take memory, and no later one;
/// deleting it never refuses.
private let raiseVersions = RedisScript(
    """
    for i = 2, #KEYS, 2 do redis.call('UNLINK', KEYS[i]) end
    for i = 1, #KEYS, 2 do
        redis.call('INCR', KEYS[i])
        redis.call('EXPIRE', KEYS[i], ARGV[1])
    end
    return 1
    """)
