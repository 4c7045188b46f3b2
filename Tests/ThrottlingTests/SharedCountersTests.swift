import Redis
import TestSupport
import Testing

@testable import Throttling

@Suite("Counters that all gateways share")
struct SharedCountersTests {
    @Test("Redis' errors are said once a change, and this process counts meanwhile")
    func errors() async throws {
        let warnings = Warnings()
        try await withCounters(logger: warnings.logger) { (counters, redis) async throws in
            let limiter = RateLimiter(counters: counters)
            let policy = RatePolicy(name: "test", quota: 2)
            let key = RedisArgument.string("\(redis.keyPrefix)gateway:rate:test:x")
            _ = try await redis.client.send(["RPUSH", key, "not a number"])
            for allowed in [true, true, false, false] {
                #expect(try await limiter.take(policy, client: "x").isAllowed == allowed)
            }
            #expect(warnings.count("by itself") == 1)
            _ = try await redis.client.send(["DEL", key])
            #expect(try await limiter.take(policy, client: "x").isAllowed)
            _ = try await redis.client.send(["DEL", key])
            _ = try await redis.client.send(["RPUSH", key, "not a number"])
            for _ in 0..<2 { #expect(try await !limiter.take(policy, client: "x").isAllowed) }
            #expect(warnings.count("by itself") == 2)
            // Another cause is another line.
            await redis.client.close()
            for _ in 0..<2 { #expect(try await !limiter.take(policy, client: "x").isAllowed) }
            #expect(warnings.count("by itself") == 3)
        }
    }

    @Test("What one process counts is bounded, and the newest stays")
    func bounded() {
        let counters = LocalCounters()
        for number in 0..<(2 * LocalCounters.capacity) {
            counters.withBucket("\(number)") { $0 = 1 }
            counters.withBucket("kept") { $0 = 2 }
        }
        #expect(counters.count <= LocalCounters.capacity)
        #expect(counters.withBucket("kept") { $0 } == 2)
    }
}
