import DevStack
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Redis

@Suite("Redis tells of changed keys", .timeLimit(.minutes(60)))
struct KeyWatchTests {
    /// What was told, in order.
    private final class Told: Sendable {
        private let events = Mutex<[RedisKeyWatch.Event]>([])

        var all: [RedisKeyWatch.Event] { events.withLock { $0 } }
        var last: RedisKeyWatch.Event? { all.last }

        func add(_ event: RedisKeyWatch.Event) { events.withLock { $0.append(event) } }

        /// The keys whose changes were told.
        var keys: [String] {
            all.reduce(into: []) { list, event in if case .changed(let keys) = event { list += keys } }
        }

        /// Whether a change of that key was told.
        func has(_ key: String) -> Bool { keys.contains(key) }
    }

    private func watch(_ configuration: RedisConfiguration, _ fixture: Fixture) -> Told {
        let told = Told()
        let watch = RedisKeyWatch(
            configuration: configuration, prefixes: ["a:", "b:"], logger: .silent, tell: told.add)
        fixture.atEnd { await watch.close() }
        return told
    }

    @Test("Written, deleted and counted up by anybody, also by a script; other keys are not told")
    func changes() async throws {
        try await withClient { client, fixture in
            let told = watch(client.configuration, fixture)
            try await eventually("it has begun") { told.last == .began }
            await client.set("c:1", [1], ttl: .seconds(60))
            await client.set("a:1", [1], ttl: .seconds(60))
            try await eventually("a write is told") { told.has("a:1") }
            await client.set("b:2", [1], ttl: .seconds(60))
            await client.delete(["b:2"])
            try await client.evaluate(RedisScript("return redis.call('INCR', KEYS[1])"), keys: ["b:3"])
            try await eventually("a script's is too") { told.has("b:3") }
            #expect(told.has("b:2") && !told.has("c:1"))
        }
    }

    @Test("A change that a cache notes at its source is told as such, and no reading of it")
    func cacheKeys() async throws {
        try await withClient { client, fixture in
            let told = watch(client.configuration, fixture)
            try await eventually("it has begun") { told.last == .began }
            let cache = ReadThroughCache<[UInt8]>(
                redis: client, options: .init(keyPrefix: "a:"), encode: { $0 }, decode: { $0 })
            _ = try await cache.value("7") { [1] }
            await cache.invalidate(["8"])
            try await eventually("it is told") { told.has("a:8:version") }
            let names = told.keys
            #expect(names.contains("a:7") && names.compactMap { CachedKey.changed($0, in: "a:") } == ["8"])
        }
    }

    @Test("A connection that is lost is told before anything else, and made again")
    func lost() async throws {
        try await withFixture { fixture in
            let proxy = TCPProxy(to: fixture.stack.state.redis.port)
            fixture.atEnd { proxy.close() }
            let configuration = try configuration(fixture, through: proxy)
            let told = watch(configuration, fixture)
            try await eventually("it has begun") { told.last == .began }
            proxy.cut()
            try await eventually("it has begun again") { told.all.count { $0 == .began } == 2 }
            #expect(told.all.dropFirst().first == .ended)
            let client = fixture.client(configuration)
            await client.set("a:1", [1], ttl: .seconds(60))
            try await eventually("changes are told again") { told.has("a:1") }
        }
    }

    @Test("So is one on which the server gives no sign of life")
    func silent() async throws {
        try await withFixture { fixture in
            let proxy = TCPProxy(to: fixture.stack.state.redis.port)
            fixture.atEnd { proxy.close() }
            var configuration = try configuration(fixture, through: proxy)
            configuration.commandTimeout = .milliseconds(250)
            let told = watch(configuration, fixture)
            try await eventually("it has begun") { told.last == .began }
            proxy.pause([.toClient])
            try await eventually("it has ended") { told.all.contains(.ended) }
            proxy.resume()
            try await eventually("it has begun again") { told.last == .began }
        }
    }

    private func configuration(_ fixture: Fixture, through proxy: TCPProxy) throws -> RedisConfiguration {
        let corner = fixture.redis()
        var configuration = try RedisConfiguration(
            url: corner.url.replacing(":\(fixture.stack.state.redis.port)", with: ":\(proxy.port)"))
        configuration.keyPrefix = corner.keyPrefix
        configuration.connectTimeout = .seconds(20)
        configuration.commandTimeout = .seconds(20)
        return configuration
    }

    @Test("A server that refuses is not taken for one that tells")
    func refusing() {
        var state = TrackingState(keyPrefix: "x:", prefixes: ["a:"])
        #expect(throws: RedisError.self) {
            _ = try state.take(.error("NOPERM this user has no permissions to run the 'client|id' command"))
        }
        #expect(!state.isListening)
    }

    @Test("When all keys are deleted, any may have changed")
    func flushed() throws {
        var state = TrackingState(keyPrefix: "x:", prefixes: ["a:"])
        _ = try state.take(.integer(3))
        _ = try state.take(.status("OK"))
        _ = try state.take(.array([.bytes(Array("subscribe".utf8)), .null, .integer(1)]))
        let name = RedisReply.bytes(Array("__redis__:invalidate".utf8))
        guard case .tell(.everything)? = try state.take(.array([.bytes(Array("message".utf8)), name, .null])) else {
            Issue.record("it is not told")
            return
        }
    }
}
