import CoreMetrics
import DevStack
import Logging
import MetricsTestKit
import Redis
import Synchronization
import TestSupport
import Testing

@Suite("Redis that refuses to write", .timeLimit(.minutes(60)))
struct RefusedWriteTests {
    private final class Store: Sendable {
        let value: Mutex<String?>
        init(_ value: String) { self.value = Mutex(value) }
    }

    private func textCache(_ client: RedisClient) -> ReadThroughCache<String> {
        ReadThroughCache(
            redis: client, options: .init(keyPrefix: "price:"), encode: { Array($0.utf8) },
            decode: { String(decoding: $0, as: UTF8.self) })
    }

    private func configuration(_ servers: PrivateServers) throws -> RedisConfiguration {
        var configuration = try RedisConfiguration(url: servers.state.redisURL())
        configuration.commandTimeout = .seconds(20)
        configuration.connectTimeout = .seconds(20)
        return configuration
    }

    @Test("A Redis without memory serves no changed value, in no process, and is heard of: counted and logged once")
    func outOfMemory() async throws {
        try await withPrivateServers([.redis]) { servers in
            let metrics = TestMetrics()
            let records = Records()
            let configuration = try configuration(servers)
            let client = withMetricsFactory(metrics) {
                servers.fixture.client(configuration, logger: records.logger)
            }
            let cache = textCache(client)
            let elsewhere = textCache(servers.fixture.client(configuration))
            let store = Store("old")
            let load = { @Sendable in store.value.withLock { $0 } }
            #expect(try await cache.value("k", load: load) == "old")
            #expect(try await elsewhere.value("k", load: load) == "old")

            try await client.send(["CONFIG", "SET", "maxmemory-policy", "noeviction"])
            try await client.send(["CONFIG", "SET", "maxmemory", "1"])
            store.value.withLock { $0 = "new" }
            await cache.invalidate(["k"])
            #expect(try await cache.value("k", load: load) == "new")
            #expect(try await elsewhere.value("k", load: load) == "new")
            for _ in 0..<5 {
                await cache.invalidate(["k"])
                await client.set("other", [1], ttl: .seconds(60))
                _ = await client.get("other")
            }
            let refused = try metrics.expectCounter("redis_error_replies", [("code", "OOM")]).totalValue
            #expect(refused >= 6)
            #expect(records.count(.warning, "OOM") == 1)

            // When there is memory again all is as before: values are kept.
            try await client.send(["CONFIG", "SET", "maxmemory", "0"])
            try await eventually("values are stored again") {
                _ = try await cache.value("k", load: load)
                return await client.get("price:k") != nil
            }
            #expect(try await elsewhere.value("k", load: load) == "new")
        }
    }

    @Test(
        "An invalidation that could not be made is made as soon as it can be; until then this process asks the source")
    func remembered() async throws {
        try await withPrivateServers([.redis]) { servers in
            let configuration = try configuration(servers)
            let proxy = TCPProxy(to: servers.state.redis.port)
            servers.fixture.atEnd { proxy.close() }
            var through = try RedisConfiguration(
                url: servers.state.redisURL().replacing(":\(servers.state.redis.port)", with: ":\(proxy.port)"))
            through.commandTimeout = .milliseconds(200)
            through.connectTimeout = .milliseconds(500)
            let client = servers.fixture.client(through)
            let cache = textCache(client)
            let elsewhere = textCache(servers.fixture.client(configuration))
            let store = Store("old")
            let load = { @Sendable in store.value.withLock { $0 } }
            try await eventually("connected") { (try? await client.ping()) != nil }
            #expect(try await elsewhere.value("k", load: load) == "old")

            // This process alone is cut off from Redis.
            proxy.pause()
            store.value.withLock { $0 = "new" }
            await cache.invalidate(["k"])
            #expect(try await cache.value("k", load: load) == "new")
            proxy.resume()
            try await eventually("the other process hears of the change") {
                try await elsewhere.value("k", load: load) == "new"
            }
            #expect(try await cache.value("k", load: load) == "new")
        }
    }

    @Test("A password that Redis does not take is counted by its kind")
    func wrongPassword() async throws {
        try await withPrivateServers([.redis]) { servers in
            let metrics = TestMetrics()
            let port = servers.state.redis.port
            for (url, code) in [
                ("redis://:s3cret@127.0.0.1:\(port)", "WRONGPASS"), ("redis://127.0.0.1:\(port)", "NOAUTH"),
            ] {
                let records = Records()
                var configuration = try RedisConfiguration(url: url)
                configuration.connectTimeout = .seconds(20)
                let client = withMetricsFactory(metrics) {
                    servers.fixture.client(configuration, logger: records.logger)
                }
                try await eventually("\(code) is counted") {
                    ((try? metrics.expectCounter("redis_error_replies", [("code", code)]))?.totalValue ?? 0) > 1
                }
                #expect(records.count(.warning, code) == 1)
                #expect(records.all.allSatisfy { !$0.contains("s3cret") })
                await client.close()
            }
        }
    }
}
