import Testing

@testable import Throttling

@Suite("A bucket of requests for each client")
struct RateLimiterTests {
    private let second: Int64 = 1_000_000

    @Test("A bucket empties request by request and fills with time, with Redis and without", arguments: [true, false])
    func bucket(isShared: Bool) async throws {
        try await withCounters(isShared: isShared) { (counters, _) async throws in
            let limiter = RateLimiter(counters: counters)
            let policy = RatePolicy(name: "test", quota: 3)
            let start = 1_800_000_000 * second
            func take(_ seconds: Double) async throws -> RateLimiter.Verdict {
                try await limiter.take(policy, client: "x", now: start + Int64(seconds * 1_000_000))
            }
            func allowed(_ remaining: Int64, _ reset: Int64) -> RateLimiter.Verdict {
                .init(isAllowed: true, remaining: remaining, reset: reset, retryAfter: 0)
            }
            #expect(try await take(0) == allowed(2, 20))
            #expect(try await take(0) == allowed(1, 40))
            #expect(try await take(0) == allowed(0, 60))
            for _ in 0..<2 {
                // Refusals cost nothing.
                #expect(
                    try await take(0) == .init(isAllowed: false, remaining: 0, reset: 60, retryAfter: 20))
            }
            #expect(
                try await take(19.5) == .init(isAllowed: false, remaining: 0, reset: 41, retryAfter: 1))
            #expect(try await take(20) == allowed(0, 60))
            #expect(try await take(20).isAllowed == false)
            #expect(try await take(60) == allowed(1, 40))
            #expect(try await take(600) == allowed(2, 20))
            #expect(try await limiter.take(policy, client: "y", now: start).remaining == 2)
        }
    }

    @Test("However many come at once, no more than the quota are let in")
    func atOnce() async throws {
        try await withCounters { (counters, _) async throws in
            let limiter = RateLimiter(counters: counters)
            let policy = RatePolicy(name: "test", quota: 7, window: 86_400)
            let admitted = try await withThrowingTaskGroup(of: Bool?.self) { group in
                for _ in 0..<40 { group.addTask { try await limiter.take(policy, client: "x").isAllowed } }
                return try await group.reduce(into: 0) { $0 += $1 == true ? 1 : 0 }
            }
            #expect(admitted == 7)
        }
    }

    @Test("A busy client's requests are taken in blocks, and all gateways together let in no more than the quota")
    func blocks() async throws {
        try await withCounters { (counters, _) async throws in
            let gateways = [RateLimiter(counters: counters), RateLimiter(counters: counters)]
            // Nothing comes back while the test lasts.
            let policy = RatePolicy(name: "test", quota: 320, window: 86_400)
            var admitted = 0
            for number in 0..<1000 where try await gateways[number % 2].take(policy, client: "x").isAllowed {
                admitted += 1
            }
            // What one of them held when the other found the bucket empty was spent all the same.
            #expect(admitted == policy.quota)
            // One of them holds more than it has spent.
            for _ in 0..<40 { #expect(try await gateways[0].take(policy, client: "busy").isAllowed) }
            let left = try await gateways[1].take(policy, client: "busy").remaining
            #expect(left < Int64(policy.quota) - 41, "\(left)")
            // One that comes for the first time costs one.
            let first = try await gateways[0].take(policy, client: "y")
            #expect(first.remaining == Int64(policy.quota) - 1)
            #expect(try await gateways[1].take(policy, client: "y").remaining == Int64(policy.quota) - 2)
        }
    }

    @Test("A block that is not used up in time is gone, and the next is small again")
    func leftOver() {
        let leases = TokenLeases()
        #expect(leases.wanted("x", quota: 1600) == 1)
        // Tokens that come back at once: the block is gone before it can be used.
        leases.note("x", taken: 1, interval: 0, remaining: 9, missing: 0, wait: 0)
        #expect(leases.spend("x") == nil && leases.wanted("x", quota: 1600) == 1)
        // Tokens that never come back.
        let day: Int64 = 86_400_000_000
        for size in [Int64](arrayLiteral: 2, 4, 8, 16, 32, 64, 100, 100) {
            leases.note("x", taken: 1, interval: day, remaining: 9, missing: 0, wait: 0)
            #expect(leases.wanted("x", quota: 1600) == size)
        }
        leases.note("x", taken: 3, interval: day, remaining: 9, missing: day, wait: 0)
        #expect(leases.spend("x")?.remaining == 10)
        #expect(leases.spend("x")?.remaining == 9)
        #expect(leases.spend("x") == nil)
        // An empty bucket is not asked again before it has something.
        leases.note("x", taken: 0, interval: day, remaining: 0, missing: day, wait: day)
        #expect(leases.spend("x")?.isAllowed == false)
        #expect(leases.spend("y") == nil)
    }

    @Test("The /64, the /56 and the /48 of an IPv6 client have a share each", arguments: [true, false])
    func networks(isShared: Bool) async throws {
        try await withCounters(isShared: isShared) { (counters, _) async throws in
            let limiter = RateLimiter(counters: counters)
            // Nothing comes back while the test lasts.
            let policy = RatePolicy(name: "test", quota: 1, window: 86_400)
            func isAllowed(_ address: String) async throws -> Bool {
                try await limiter.take(policy, origins: .networks(of: address)).isAllowed
            }
            #expect(try await isAllowed("2001:db8::1"))
            #expect(try await !isAllowed("2001:db8::2:3"))
            // The /56 has four requests, however many networks it is made of.
            for subnet in 1...3 { #expect(try await isAllowed("2001:db8:0:\(subnet)::1")) }
            #expect(try await !isAllowed("2001:db8:0:4::1"))
            // The /48 has sixteen.
            for site in 1...3 {
                for subnet in 0...3 { #expect(try await isAllowed("2001:db8:0:\(site)0\(subnet)::1")) }
            }
            #expect(try await !isAllowed("2001:db8:0:f00::1"))
            // Its neighbours, and those of IPv4, are not touched.
            #expect(try await isAllowed("2001:db8:1::1"))
            #expect(try await isAllowed("192.0.2.1"))
            #expect(try await isAllowed("192.0.2.2"))
        }
    }

    @Test func numbersFromRedisMayBeAnything() {
        for number in [Int64.min, -1, 0, 1, 999_999, 1_000_000, 1_000_001, .max] {
            #expect(wholeSeconds(number) <= number / 1_000_000 + 1)
        }
        #expect(
            wholeSeconds(.max) > 0 && wholeSeconds(1) == 1 && wholeSeconds(1_000_000) == 1
                && wholeSeconds(1_000_001) == 2)
    }
}
