import Testing

@testable import Throttling

@Suite("Guessing passwords takes longer each time")
struct BackoffTests {
    @Test(
        "Five failures are free; then 1 s, 2 s, 4 s and so on up to 15 minutes, with Redis and without",
        arguments: [true, false])
    func schedule(isShared: Bool) async throws {
        try await withCounters(isShared: isShared) { (counters, _) async throws in
            let count = FailureCount(counters: counters, key: "k", policy: .init())
            let second: Int64 = 1_000_000
            var now = 1_800_000_000 * second
            for _ in 0..<4 {
                #expect(try await count.take(.begin, now: now) == 0)
                #expect(try await count.take(.fail, now: now) == 0)
            }
            for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] as [Int64] {
                #expect(try await count.take(.begin, now: now) == 0)
                // The wait begins when the attempt has failed.
                now += second / 2
                #expect(try await count.take(.fail, now: now) == wait * second)
                #expect(try await count.take(.begin, now: now) == wait * second)
                #expect(try await count.take(.begin, now: now + wait * second - 1) == 1)
                now += wait * second
            }
            // What came to nothing does not count, and a success clears all.
            #expect(try await count.take(.begin, now: now) == 0)
            #expect(try await count.take(.undo, now: now) == 0)
            #expect(try await count.take(.begin, now: now) == 0)
            #expect(try await count.take(.clear, now: now) == 0)
            #expect(try await count.take(.begin, now: now) == 0)
            #expect(try await count.take(.fail, now: now) == 0)
        }
    }

    @Test("A stranger to an account under suspicion knocks, waits, and has one attempt", arguments: [true, false])
    func knock(isShared: Bool) async throws {
        try await withCounters(isShared: isShared) { (counters, _) async throws in
            var policy = Backoff.Policy()
            policy.failures = 1
            let count = FailureCount(counters: counters, key: "k", policy: policy, knock: .seconds(10))
            let second: Int64 = 1_000_000
            let now = 1_800_000_000 * second
            #expect(try await count.take(.begin, now: now) == 10 * second)
            #expect(try await count.take(.begin, now: now + 4 * second) == 6 * second)
            #expect(try await count.take(.begin, now: now + 10 * second) == 0)
            // What comes to nothing needs no second knock.
            #expect(try await count.take(.undo, now: now + 10 * second) == 0)
            #expect(try await count.take(.begin, now: now + 10 * second) == 0)
            #expect(try await count.take(.fail, now: now + 10 * second) == second)
            #expect(try await count.take(.begin, now: now + 10 * second) == second)
        }
    }

    @Test("Of many guesses at once no more are tried than one after the other")
    func atOnce() async throws {
        try await withCounters { (counters, _) async throws in
            var policy = Backoff.Policy()
            policy.first = .seconds(500)
            let backoff = Backoff(counters: counters, policy: policy)
            // Whether each was tried, or refused for the right reason.
            let tried = await withTaskGroup(of: Bool?.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        do {
                            let result: Int? = try await backoff.guarding(
                                "signin", of: "x", from: .networks(of: "192.0.2.1")
                            ) {
                                await Task.yield()
                                return nil
                            }
                            return result == nil ? true : nil
                        } catch {
                            return error is TooManyAttempts ? false : nil
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(tried.count { $0 == true } == 5)
            #expect(tried.count { $0 == false } == 25)
        }
    }

    @Test("What fails for another reason does not count")
    func otherFailures() async throws {
        struct Busy: Error {}
        try await withCounters { (counters, _) async throws in
            var policy = Backoff.Policy()
            policy.first = .seconds(500)
            let backoff = Backoff(counters: counters, policy: policy)
            for _ in 0..<8 {
                await #expect(throws: Busy.self) {
                    try await backoff.guarding("signin", of: "x", from: .networks(of: "192.0.2.1")) {
                        () async throws -> Int? in
                        throw Busy()
                    }
                }
            }
            #expect(try await backoff.guarding("signin", of: "x", from: .networks(of: "192.0.2.1")) { 1 } == 1)
        }
    }
}
