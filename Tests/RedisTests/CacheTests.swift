import CoreMetrics
import Logging
import MetricsTestKit
import Redis
import TestSupport
import Testing

@Suite("Redis as a cache", .timeLimit(.minutes(60)))
struct CacheTests {
    @Test("What is set is got, until it is deleted")
    func roundTrip() async throws {
        try await withClient { client, _ in
            #expect(await client.get("k") == nil)
            await client.set("k", [1, 0, 255], ttl: .seconds(60))
            #expect(await client.get("k") == [1, 0, 255])
            await client.set("k", [], ttl: .seconds(60))
            #expect(await client.get("k") == [])
            await client.delete(["k", "not there"])
            #expect(await client.get("k") == nil)
            await client.delete([])
        }
    }

    @Test("Many are got in their order, those that are missing too")
    func many() async throws {
        try await withClient { client, _ in
            await client.set("a", [1], ttl: .seconds(60))
            await client.set("c", [3], ttl: .seconds(60))
            #expect(await client.get(["c", "b", "a", "a"]) == [[3], nil, [1], [1]])
            #expect(await client.get([String]()) == [])
            await client.delete(["a", "c"])
            #expect(await client.get(["a", "c"]) == [nil, nil])
        }
    }

    @Test("A value ends with its time, which is kept to the millisecond")
    func expiry() async throws {
        try await withClient { client, _ in
            let key = client.configuration.prefixed("k")
            await client.set("k", [1], ttl: .milliseconds(90_500))
            let left = try await client.send(["PTTL", .string(key)]).integerValue ?? 0
            #expect(left > 60_000 && left <= 90_500)
            await client.set("k", [1], ttl: .milliseconds(30))
            try await eventually("the value's end") { await client.get("k") == nil }
            await client.set("k", [1], ttl: .nanoseconds(1))
            try await eventually("the value's end") { await client.get("k") == nil }
        }
    }

    @Test("A time of zero or less means no value, and one without end is cut")
    func oddTimes() async throws {
        try await withClient { client, _ in
            await client.set("k", [1], ttl: .seconds(60))
            await client.set("k", [2], ttl: .zero)
            #expect(await client.get("k") == nil)
            await client.set("k", [3], ttl: .seconds(Int64.max))
            #expect(await client.get("k") == [3])
            await client.delete(["k"])
        }
    }

    @Test("Clients with different prefixes do not see each other's keys")
    func prefixes() async throws {
        try await withFixture { fixture in
            let first = fixture.client(try testConfiguration(fixture))
            let second = fixture.client(try testConfiguration(fixture))
            await first.set("k", [1], ttl: .seconds(60))
            #expect(await second.get("k") == nil)
            await second.delete(["k"])
            #expect(await first.get("k") == [1])
            // A raw command takes the key as the server knows it.
            #expect(try await second.send(["EXISTS", "k"]) == .integer(0))
            let key = RedisArgument.string(first.configuration.prefixed("k"))
            #expect(try await second.send(["GET", key]) == .bytes([1]))
            await first.delete(["k"])
        }
    }

    @Test("An error of the server is a miss, logged once")
    func serverError() async throws {
        try await withFixture { fixture in
            let records = Records()
            let client = fixture.client(try testConfiguration(fixture), logger: records.logger)
            let key = RedisArgument.string(client.configuration.prefixed("list"))
            try await client.send(["RPUSH", key, "a"])
            #expect(await client.get("list") == nil)
            #expect(await client.get("list") == nil)
            #expect(records.count(.warning, "WRONGTYPE") == 1)
            await client.delete(["list"])
            try await client.send(["RPUSH", key, "a"])
            #expect(await client.get("list") == nil)
            #expect(records.count(.warning, "WRONGTYPE") == 2)
            await client.delete(["list"])
        }
    }

    @Test("Hits, misses and failures are counted")
    func metrics() async throws {
        try await withFixture { fixture in
            let metrics = TestMetrics()
            let configuration = try testConfiguration(fixture)
            let client = withMetricsFactory(metrics) { fixture.client(configuration) }
            await client.set("a", [1], ttl: .seconds(60))
            _ = await client.get(["a", "b", "c"])
            await client.delete(["a"])
            await client.close()
            _ = await client.get("a")
            func reads(_ result: String) throws -> Int64 {
                try metrics.expectCounter("redis_cache_reads", [("result", result)]).totalValue
            }
            #expect(try reads("hit") == 1)
            #expect(try reads("miss") == 2)
            #expect(try reads("failure") == 1)
            #expect(try metrics.expectCounter("redis_cache_writes", [("result", "ok")]).totalValue == 2)
            #expect(try metrics.expectCounter("redis_commands").totalValue == 3)
            #expect(try metrics.expectCounter("redis_connects").totalValue == 1)
            #expect(try metrics.expectTimer("redis_command_duration").values.count == 3)
        }
    }
}
