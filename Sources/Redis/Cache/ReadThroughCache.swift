import Synchronization

/// A cache in front of a slow source: what is not in Redis is loaded once, however many ask for it at the same time,
/// and kept for a while. When Redis is away every read goes to the source.
///
/// Beside each value stands a version, which ``invalidate(_:)`` raises. A reader notes the version before it loads and
/// stores only if it is still the same, so that a slow reader never overwrites newer data with what it has read.
/// An invalidation that fails is repeated until Redis has taken it; until then this process reads its keys from the
/// source.
public final class ReadThroughCache<Value: Sendable>: Sendable {
    /// The form in which values travel, and their lifetimes.
    public struct Options: Sendable {
        /// The beginning of every key, as in `product:`.
        public var keyPrefix: String
        /// The time a value is kept; shortened at random by up to a tenth, so that values stored together do not
        /// expire together.
        public var ttl: Duration
        /// The time for which it is kept that there is no such thing.
        public var absentTTL: Duration

        public init(keyPrefix: String, ttl: Duration = .seconds(300), absentTTL: Duration = .seconds(30)) {
            self.keyPrefix = keyPrefix
            self.ttl = ttl
            self.absentTTL = absentTTL
        }
    }

    /// A key that Redis lacks.
    private struct Missing: Sendable {
        let key: String
        /// As it was before anything was loaded.
        let version: [UInt8]
        /// Whether what is loaded may be kept in Redis.
        var isStored = true
    }

    /// A load under way, of one key or of several.
    private struct Flight {
        /// The key's version when it began.
        let version: [UInt8]
        let task: Task<[String: Value], any Error>
    }

    private let versions: KeyVersions?
    private let options: Options
    private let encode: @Sendable (Value) throws -> [UInt8]
    private let decode: @Sendable ([UInt8]) throws -> Value
    private let flights = Mutex<[String: Flight]>([:])

    /// - Parameters:
    ///   - redis: Nil for none: every read goes to the source.
    ///   - encode: A value as bytes.
    ///   - decode: The reverse; bytes it throws at count as a miss.
    public init(
        redis: RedisClient?, options: Options, encode: @escaping @Sendable (Value) throws -> [UInt8],
        decode: @escaping @Sendable ([UInt8]) throws -> Value
    ) {
        versions = redis.map { KeyVersions(redis: $0, keyPrefix: options.keyPrefix, lifetime: options.ttl) }
        self.options = options
        self.encode = encode
        self.decode = decode
    }

    /// The value of a key: from Redis, else from the source.
    ///
    /// - Parameter load: Asks the source; nil if it has no such thing, which is remembered too.
    /// - Throws: What `load` throws, to everyone who waited for it.
    public func value(_ key: String, load: @escaping @Sendable () async throws -> Value?) async throws -> Value? {
        try await values([key]) { _ in
            guard let value = try await load() else { return [:] }
            return [key: value]
        }[key]
    }

    /// The values of several keys: from Redis in one round trip, those it lacks from the source in one load.
    ///
    /// - Parameters:
    ///   - keys: Each once.
    ///   - load: Asks the source for the keys it is given; what it leaves out does not exist, which is remembered too.
    /// - Returns: The values that exist.
    /// - Throws: What `load` throws, to everyone who waited for it.
    public func values(
        _ keys: [String], load: @escaping @Sendable ([String]) async throws -> [String: Value]
    ) async throws -> [String: Value] {
        guard let versions, !keys.isEmpty else { return keys.isEmpty ? [:] : try await load(keys) }
        var missing = unheard(keys, versions)
        let skipped = Set(missing.map(\.key))
        let asked = skipped.isEmpty ? keys : keys.filter { !skipped.contains($0) }
        let stored = await versions.redis.get(asked.flatMap { [versions.valueName($0), versions.versionName($0)] })
        var found: [String: Value] = [:]
        for (index, key) in asked.enumerated() {
            if let bytes = stored[2 * index], let mark = bytes.first {
                if mark == Mark.absent { continue }
                if let value = try? decode(Array(bytes.dropFirst())) {
                    found[key] = value
                    continue
                }
            }
            missing.append(Missing(key: key, version: stored[2 * index + 1] ?? []))
        }
        for (key, task) in join(missing, load, versions) { found[key] = try await task.value[key] }
        return found
    }

    /// The value of a key in its stored form, as ``value(_:load:)``: what Redis has is handed on as it is.
    ///
    /// - Parameters:
    ///   - isSound: Tells whether stored bytes are a value; others count as a miss.
    ///   - load: Asks the source; nil if it has no such thing, which is remembered too.
    /// - Throws: What `load` throws, to everyone who waited for it, and what encoding its result does.
    public func encodedValue(
        _ key: String, where isSound: (ArraySlice<UInt8>) -> Bool,
        load: @escaping @Sendable () async throws -> Value?
    ) async throws -> ArraySlice<UInt8>? {
        guard let versions else { return try await load().map { try encode($0)[...] } }
        let missing: Missing
        if let unheard = unheard([key], versions).first {
            missing = unheard
        } else {
            let stored = await versions.redis.get([versions.valueName(key), versions.versionName(key)])
            if let bytes = stored[0], let mark = bytes.first {
                if mark == Mark.absent { return nil }
                let value = bytes.dropFirst()
                if isSound(value) { return value }
            }
            missing = Missing(key: key, version: stored[1] ?? [])
        }
        let loads = join(
            [missing], { _ in try await load().map { [key: $0] } ?? [:] }, versions)
        for (_, task) in loads {
            if let value = try await task.value[key] { return try encode(value)[...] }
        }
        return nil
    }

    /// Makes readers ask the source again. To be called after a change has been committed there.
    ///
    /// When Redis cannot be told, readers in this process ask the source until it can be, and is; in other processes the
    /// old value may be served until then, at the longest until its time is over.
    public func invalidate(_ keys: [String]) async {
        guard let versions, !keys.isEmpty else { return }
        let number = versions.note(keys)
        // Also while Redis is away, and tells no versions, nobody joins a load that began before the change.
        flights.withLock { flights in
            for key in keys { flights[key] = nil }
        }
        await versions.tell(keys, upTo: number)
    }

    /// The keys whose last change Redis does not know. Who loads one of them shares the load with those who know of the
    /// same changes.
    private func unheard(_ keys: [String], _ versions: KeyVersions) -> [Missing] {
        versions.unheard(keys).map { key, number in
            // No version in Redis looks like this: those are numbers.
            Missing(key: key, version: Array("unheard \(number)".utf8), isStored: false)
        }
    }

    /// Joins the loads that are under way, and begins one for all other keys.
    private func join(
        _ missing: [Missing], _ load: @escaping @Sendable ([String]) async throws -> [String: Value],
        _ versions: KeyVersions
    ) -> [(key: String, task: Task<[String: Value], any Error>)] {
        flights.withLock { flights in
            // Who joins must not get what was loaded before an invalidation that it has already seen.
            let running = missing.compactMap { item in
                flights[item.key].flatMap { $0.version == item.version ? (key: item.key, task: $0.task) : nil }
            }
            let joined = Set(running.map(\.key))
            let own = missing.filter { !joined.contains($0.key) }
            guard !own.isEmpty else { return running }
            let task = Task {
                // The flights' lock is held until they are entered, so they are there to be removed.
                defer { self.land(own) }
                let values = try await load(own.map(\.key))
                await self.store(values, own, versions)
                return values
            }
            for item in own { flights[item.key] = Flight(version: item.version, task: task) }
            return running + own.map { (key: $0.key, task: task) }
        }
    }

    private func land(_ own: [Missing]) {
        flights.withLock { flights in
            for item in own where flights[item.key]?.version == item.version { flights[item.key] = nil }
        }
    }

    private func store(_ values: [String: Value], _ keys: [Missing], _ versions: KeyVersions) async {
        var names: [String] = []
        var arguments: [RedisArgument] = []
        for item in keys where item.isStored {
            let value = values[item.key]
            let bytes: [UInt8]
            if let value {
                guard let encoded = try? encode(value) else { continue }
                bytes = [Mark.present] + encoded
            } else {
                bytes = [Mark.absent]
            }
            let ttl = (value == nil ? options.absentTTL : options.ttl) * Double.random(in: 0.9...1)
            let milliseconds = ttl.components.seconds * 1000 + ttl.components.attoseconds / 1_000_000_000_000_000
            names += [versions.versionName(item.key), versions.valueName(item.key)]
            arguments += [.bytes(item.version), .bytes(bytes), .int(max(1, milliseconds))]
        }
        guard !names.isEmpty else { return }
        _ = try? await versions.redis.evaluate(Script.storeIfCurrent, keys: names, arguments: arguments)
    }
}

/// A byte before each stored value: there is one, or there is none.
private enum Mark {
    static let present: UInt8 = 1
    static let absent: UInt8 = 0
}

private enum Script {
    /// Stores values whose versions are still those that were noted before loading them.
    static let storeIfCurrent = RedisScript(
        """
        for i = 1, #KEYS, 2 do
            local a = (i - 1) / 2 * 3
            if (redis.call('GET', KEYS[i]) or '') == ARGV[a + 1] then
                redis.call('SET', KEYS[i + 1], ARGV[a + 2], 'PX', ARGV[a + 3])
            end
        end
        return 1
        """)
}
