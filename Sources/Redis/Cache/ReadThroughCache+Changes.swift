import Synchronization

/// Telling Redis of changes, again and again if need be.
extension ReadThroughCache {
    /// The number of keys that are told at a time.
    private static var batch: Int { 500 }

    /// Tells Redis that values have changed; if that fails, a task of its own goes on until it succeeds.
    func tell(_ keys: [String], upTo number: UInt64, _ redis: RedisClient) async {
        if await raise(keys, redis) {
            changes.withLock { $0.told(keys, upTo: number) }
            return
        }
        guard changes.withLock({ $0.beginRepeating() }) else { return }
        Task { [weak self] in
            var pause = Duration.milliseconds(100)
            while true {
                try? await Task.sleep(for: pause)
                // A cache that nobody has any more reads nothing either.
                guard let self, await !self.tellRest(redis) else { return }
                pause = min(pause * 2, .seconds(1))
            }
        }
    }

    /// Tells Redis of all that it has not heard; false if that failed.
    private func tellRest(_ redis: RedisClient) async -> Bool {
        while true {
            let (keys, number) = changes.withLock { $0.some(Self.batch) }
            if !keys.isEmpty {
                guard await raise(keys, redis) else { return false }
            }
            let isDone = changes.withLock { changes in
                changes.told(keys, upTo: number)
                return changes.endRepeating()
            }
            if isDone { return true }
        }
    }

    private func raise(_ keys: [String], _ redis: RedisClient) async -> Bool {
        // A version outlives every value stored under it, with time to spare for slow readers.
        let lifetime = Int64(options.ttl.components.seconds) + 3600
        let names = keys.flatMap { [versionKey($0), valueKey($0)] }
        do {
            try await redis.evaluate(changeScript, keys: names, arguments: [.int(lifetime)])
            return true
        } catch {
            return false
        }
    }
}

/// Deletes values and raises their versions.
///
/// In this order: a Redis without memory refuses a script's first command if it could take memory, and no later one;
/// deleting it never refuses.
private let changeScript = RedisScript(
    """
    for i = 2, #KEYS, 2 do redis.call('UNLINK', KEYS[i]) end
    for i = 1, #KEYS, 2 do
        redis.call('INCR', KEYS[i])
        redis.call('EXPIRE', KEYS[i], ARGV[1])
    end
    return 1
    """)
