import Synchronization

/// A cache in front of a slow source: what is not in Redis is loaded once, however many ask for it at the same time,
/// and kept for a while. When Redis is away every read goes to the source.
///
/// Beside each value stands a version, which ``invalidate(_:)`` raises. A reader notes the version before it loads and
/// stores only if it is still the same, so that a slow reader never overwrites newer data with what it has read.
public final class ReadThroughCache<Value: Sendable>: Sendable {
    /// How values travel, and how long they live.
    public struct Options: Sendable {
        /// What every key begins with, as in `product:`.
        public var keyPrefix: String
        /// How long a value is kept; shortened at random by up to a tenth, so that values stored together do not
        /// expire together.
        public var ttl: Duration
        /// How long it is kept that there is no such thing.
        public var absentTTL: Duration

        public init(keyPrefix: String, ttl: Duration = .seconds(300), absentTTL: Duration = .seconds(30)) {
            self.keyPrefix = keyPrefix
            self.ttl = ttl
            self.absentTTL = absentTTL
        }
    }

    private let redis: RedisClient?
    private let options: Options
    private let encode: @Sendable (Value) throws -> [UInt8]
    private let decode: @Sendable ([UInt8]) throws -> Value
    private let loading = Mutex<[String: Task<Value?, any Error>]>([:])

    /// - Parameters:
    ///   - redis: Nil for none: every read goes to the source.
    ///   - encode: A value as bytes.
    ///   - decode: The reverse; bytes it throws at count as a miss.
    public init(
        redis: RedisClient?, options: Options, encode: @escaping @Sendable (Value) throws -> [UInt8],
        decode: @escaping @Sendable ([UInt8]) throws -> Value
    ) {
        self.redis = redis
        self.options = options
        self.encode = encode
        self.decode = decode
    }

    /// The value of a key: from Redis, else from the source.
    ///
    /// - Parameter load: Asks the source; nil if it has no such thing, which is remembered too.
    /// - Throws: What `load` throws, to everyone who waited for it.
    public func value(_ key: String, load: @escaping @Sendable () async throws -> Value?) async throws -> Value? {
        guard let redis else { return try await load() }
        let stored = await redis.get([valueKey(key), versionKey(key)])
        if let bytes = stored[0], let mark = bytes.first {
            if mark == Mark.absent { return nil }
            if let value = try? decode(Array(bytes.dropFirst())) { return value }
        }
        let version = stored[1] ?? []
        // Who joins must not get what was loaded before an invalidation that it has already seen.
        let flight = key + "@" + String(decoding: version, as: UTF8.self)
        let task = loading.withLock { loading in
            if let running = loading[flight] { return running }
            let task = Task {
                defer { self.loading.withLock { $0[flight] = nil } }
                let value = try await load()
                await self.store(value, key, version: version, redis)
                return value
            }
            loading[flight] = task
            return task
        }
        return try await task.value
    }

    /// Makes readers ask the source again. To be called after a change has been committed there.
    ///
    /// When Redis is away the old value may be served until its time is over.
    public func invalidate(_ keys: [String]) async {
        guard let redis, !keys.isEmpty else { return }
        // A version outlives every value stored under it, with time to spare for slow readers.
        let lifetime = Int64(options.ttl.components.seconds) + 3600
        let names = keys.flatMap { [versionKey($0), valueKey($0)] }
        _ = try? await redis.evaluate(Script.raise, keys: names, arguments: [.int(lifetime)])
    }

    private func store(_ value: Value?, _ key: String, version: [UInt8], _ redis: RedisClient) async {
        let bytes: [UInt8]
        if let value {
            guard let encoded = try? encode(value) else { return }
            bytes = [Mark.present] + encoded
        } else {
            bytes = [Mark.absent]
        }
        let ttl = (value == nil ? options.absentTTL : options.ttl) * Double.random(in: 0.9...1)
        let milliseconds = ttl.components.seconds * 1000 + ttl.components.attoseconds / 1_000_000_000_000_000
        _ = try? await redis.evaluate(
            Script.storeIfCurrent, keys: [versionKey(key), valueKey(key)],
            arguments: [.bytes(version), .bytes(bytes), .int(max(1, milliseconds))])
    }

    private func valueKey(_ key: String) -> String { options.keyPrefix + key }
    private func versionKey(_ key: String) -> String { options.keyPrefix + key + ":version" }
}

/// A byte before each stored value: there is one, or there is none.
private enum Mark {
    static let present: UInt8 = 1
    static let absent: UInt8 = 0
}

private enum Script {
    /// Stores a value if its version is still the one that was noted before loading it.
    static let storeIfCurrent = RedisScript(
        """
        if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
        return 1
        """)

    /// Raises versions and deletes the values under them.
    static let raise = RedisScript(
        """
        for i = 1, #KEYS, 2 do
            redis.call('INCR', KEYS[i])
            redis.call('EXPIRE', KEYS[i], ARGV[1])
            redis.call('UNLINK', KEYS[i + 1])
        end
        return 1
        """)
}
