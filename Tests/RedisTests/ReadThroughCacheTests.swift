import CoreMetrics
import DevStack
import MetricsTestKit
import Redis
import Synchronization
import TestSupport
import Testing

@Suite("Read-through cache", .timeLimit(.minutes(60)))
struct ReadThroughCacheTests {
    @Test("Fifty readers of one key at once make one load")
    func singleFlight() async throws {
        try await withFixture { fixture in
            let metrics = TestMetrics()
            let configuration = try testConfiguration(fixture)
            let client = withMetricsFactory(metrics) { fixture.client(configuration) }
            let cache = textCache(client)
            let source = Source(["k": "v"])
            let gate = Gate()
            try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await cache.value("k") {
                            await gate.wait()
                            return source.load("k")
                        }
                    }
                }
                // All have looked into Redis, for value and version, and found neither.
                try await eventually("fifty misses") {
                    try metrics.expectCounter("redis_cache_reads", [("result", "miss")]).totalValue == 100
                }
                gate.open()
                for try await value in group { #expect(value == "v") }
            }
            #expect(source.loads == ["k"])
        }
    }

    @Test("A slow reader gets what it has read, and never overwrites newer data with it")
    func slowReader() async throws {
        try await withClient { client, _ in
            let cache = textCache(client)
            let source = Source(["k": "old"])
            try await readAcrossAChange(cache, source)
            try await source.expect("new", through: cache)
            #expect(source.loads.count == 2)
        }
    }

    @Test("What a slow reader has read is not stored even where nobody has read since")
    func slowReaderAlone() async throws {
        try await withClient { client, _ in
            let cache = textCache(client)
            let source = Source(["k": "old"])
            try await source.expect("old", through: cache)
            await cache.invalidate(["k"])
            let value = try await cache.value("k") {
                let value = source.load("k")
                source.set("k", "new")
                await cache.invalidate(["k"])
                return value
            }
            #expect(value == "old")
            try await source.expect("new", through: cache)
        }
    }

    @Test("That there is no such thing is remembered, until it is invalidated")
    func absence() async throws {
        try await withClient { client, _ in
            let cache = textCache(client)
            let source = Source([:])
            for _ in 0..<3 { try await source.expect(nil, through: cache) }
            #expect(source.loads.count == 1)
            source.set("k", "v")
            await cache.invalidate(["k"])
            try await source.expect("v", through: cache)
        }
    }

    @Test("A value is handed on as it is stored, and what is none counts as a miss")
    func encoded() async throws {
        try await withClient { client, _ in
            let cache = textCache(client)
            let source = Source(["k": "v"])
            func read(_ key: String = "k") async throws -> String? {
                let bytes = try await cache.encodedValue(key, where: { $0.first != 0xFF }, load: { source.load(key) })
                return bytes.map { String(decoding: $0, as: UTF8.self) }
            }
            for _ in 0..<2 { #expect(try await read() == "v") }
            try await source.expect("v", through: cache)
            #expect(source.loads == ["k"])
            // The bytes are what counts, whoever has stored them.
            await client.set("text:k", [1] + Array("other".utf8), ttl: .seconds(60))
            #expect(try await read() == "other")
            await client.set("text:k", [1, 0xFF], ttl: .seconds(60))
            #expect(try await read() == "v")
            source.set("k", "new")
            await cache.invalidate(["k"])
            for _ in 0..<2 { #expect(try await read() == "new") }
            for _ in 0..<2 { #expect(try await read("none") == nil) }
            #expect(source.loads == ["k", "k", "k", "none"])
        }
        let without = ReadThroughCache<String>(
            redis: nil, options: .init(keyPrefix: "text:"), encode: { Array($0.utf8) },
            decode: { String(decoding: $0, as: UTF8.self) })
        let bytes = try await without.encodedValue("k", where: { _ in false }, load: { "v" })
        #expect(bytes == [0x76])
    }

    @Test("Several keys: the source is asked once, and only for those that Redis lacks")
    func several() async throws {
        try await withClient { client, _ in
            let cache = textCache(client)
            let source = Source(["a": "1", "b": "2"])
            _ = try await source.read("a", through: cache)
            for _ in 0..<2 {
                let values = try await cache.values(["b", "a", "none"]) { keys in
                    #expect(keys == ["b", "none"])
                    return Dictionary(
                        uniqueKeysWithValues: keys.compactMap { key in source.load(key).map { (key, $0) } })
                }
                #expect(values == ["a": "1", "b": "2"])
            }
            #expect(source.loads == ["a", "b", "none"])
            await cache.invalidate(["a", "b"])
            _ = try await cache.values(["b", "a", "none"]) { keys in
                #expect(keys == ["b", "a"])
                return [:]
            }
        }
    }

    @Test("A value lives for its time less up to a tenth, an absence for its own")
    func jitter() async throws {
        try await withClient { client, _ in
            let options = ReadThroughCache<String>.Options(
                keyPrefix: "jitter:", ttl: .seconds(1_000_000), absentTTL: .seconds(100_000))
            let cache = textCache(client, options)
            for (value, ttl) in [("v", 1_000_000_000), (nil, 100_000_000)] as [(String?, Int64)] {
                var lives: Set<Int64> = []
                for number in 0..<40 {
                    let key = "\(value ?? "-")\(number)"
                    _ = try await cache.value(key) { value }
                    let name = client.configuration.prefixed("jitter:" + key)
                    let left = try await client.send(["PTTL", .string(name)]).integerValue ?? 0
                    // An hour for a machine that is very busy between the two commands.
                    #expect(left > ttl / 10 * 9 - 3_600_000 && left <= ttl)
                    lives.insert(left / 100_000)
                }
                #expect(lives.count > 5)
            }
        }
    }

    @Test("A load that fails fails for all who waited, and the next reader tries again")
    func failure() async throws {
        struct Away: Error {}
        try await withClient { client, _ in
            let cache = textCache(client)
            await #expect(throws: Away.self) { try await cache.value("k") { throw Away() } }
            let value = try await cache.value("k") { "v" }
            #expect(value == "v")
        }
    }

    @Test("While Redis is away every read goes to the source, and none joins a load from before a change")
    func redisAway() async throws {
        try await withPrivateServers([.redis]) { servers in
            var configuration = try RedisConfiguration(url: servers.state.redisURL())
            configuration.commandTimeout = .seconds(20)
            configuration.connectTimeout = .seconds(20)
            let client = servers.fixture.client(configuration)
            let cache = textCache(client)
            let source = Source(["k": "old"])
            try await source.expect("old", through: cache)
            try await servers.stack.kill(.redis)
            try await eventually("the outage is noticed") { (try? await client.ping()) == nil }
            for _ in 0..<3 { try await source.expect("old", through: cache) }
            #expect(source.loads.count == 4)
            try await readAcrossAChange(cache, source)
            #expect(source.loads.count == 6)
        }
    }

    /// One reads `k` slowly, while it changes and another reads it, who must not join the first.
    private func readAcrossAChange(_ cache: ReadThroughCache<String>, _ source: Source) async throws {
        let (hasRead, gate) = (Gate(), Gate())
        async let slow = cache.value("k") {
            let value = source.load("k")
            hasRead.open()
            await gate.wait()
            return value
        }
        await hasRead.wait()
        let before = source.loads.count
        source.set("k", "new")
        await cache.invalidate(["k"])
        async let quick = source.read(through: cache)
        // Also where the test fails nobody waits for ever.
        defer { gate.open() }
        try await eventually("the second reader asks the source itself") { source.loads.count == before + 1 }
        let found = try await quick
        #expect(found == "new")
        gate.open()
        let late = try await slow
        #expect(late == "old")
    }

    private func textCache(
        _ client: RedisClient, _ options: ReadThroughCache<String>.Options = .init(keyPrefix: "text:")
    ) -> ReadThroughCache<String> {
        ReadThroughCache(
            redis: client, options: options, encode: { Array($0.utf8) },
            decode: { String(decoding: $0, as: UTF8.self) })
    }
}

/// What stands behind a cache, and counts who asks it.
private final class Source: Sendable {
    private let state: Mutex<(values: [String: String], loads: [String])>

    init(_ values: [String: String]) { state = Mutex((values, [])) }

    /// The keys that were asked for, in order.
    var loads: [String] { state.withLock { $0.loads } }

    func set(_ key: String, _ value: String) { state.withLock { $0.values[key] = value } }

    func read(_ key: String = "k", through cache: ReadThroughCache<String>) async throws -> String? {
        try await cache.value(key) { self.load(key) }
    }

    /// Reads `k` and compares.
    func expect(
        _ value: String?, through cache: ReadThroughCache<String>, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await read(through: cache)
        #expect(found == value, sourceLocation: sourceLocation)
    }

    func load(_ key: String) -> String? {
        state.withLock { state in
            state.loads.append(key)
            return state.values[key]
        }
    }
}

/// Something to wait for: once it is open, it stays open.
private final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
