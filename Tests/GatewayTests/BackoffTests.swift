import HTTPTypes
import Hosting
import Redis
import TestSupport
import Testing

@testable import Gateway

@Suite("Guessing passwords takes longer each time")
struct BackoffTests {
    private let email = "ann@shop.example"

    @Test(
        "Five failures are free; then 1 s, 2 s, 4 s and so on up to 15 minutes, with Redis and without",
        arguments: [true, false])
    func schedule(isShared: Bool) async throws {
        try await AccountDoor.open { (door) async throws in
            let counters = isShared ? door.counters : SharedCounters(redis: nil, logger: .silent)
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
        try await AccountDoor.open { (door) async throws in
            let counters = isShared ? door.counters : SharedCounters(redis: nil, logger: .silent)
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

    @Test("Nobody keeps an owner out from elsewhere")
    func elsewhere() async throws {
        try await AccountDoor.open({ $0.backoff.first = .seconds(500) }) { (door) async throws in
            _ = try await door.signUp(email)
            for _ in 0..<5 { _ = try await door.signIn(email, password: "wrong horse", from: "198.51.100.1") }
            #expect(try await door.signIn(email, from: "198.51.100.1").code == "too_many_attempts")
            #expect(try await door.signIn(email, from: "192.0.2.1").status == 200)
            // Nor from the owner's own network, once they are signed in.
            let tokens = try await door.session(email)
            for _ in 0..<6 { _ = try await door.signIn(email, password: "wrong horse") }
            #expect(try await door.signIn(email).code == "too_many_attempts")
            let refreshed = try await door.refresh(tokens.refresh)
            #expect(refreshed.status == 200)
            let changed = try await door.call(
                .post, "/auth/password", token: refreshed.member("access_token"),
                ["current_password": AccountDoor.password, "new_password": "battery staple"])
            #expect(changed.status == 204)
        }
    }

    @Test("Guesses from many networks are slowed, and the owner gets in", arguments: [true, false])
    func manyNetworks(isShared: Bool) async throws {
        let nobody = try DeafPort()
        try await AccountDoor.open(
            redisAt: isShared ? nil : "redis://127.0.0.1:\(nobody.port)",
            {
                $0.backoff.suspicious = 12
                $0.backoff.knock = .seconds(300)
            }
        ) { (door) async throws in
            _ = try await door.signUp(email)
            #expect(try await door.signIn(email, from: "192.0.2.1").status == 200)
            for guess in 0..<12 {
                let answer = try await door.signIn(email, password: "wrong horse", from: "198.51.100.\(guess)")
                #expect(answer.code == "invalid_credentials")
            }
            // From now on a new network has to wait a little, and only a little.
            for address in ["203.0.113.1", "2001:db8::1"] {
                let refused = try await door.signIn(email, password: "wrong horse", from: address)
                #expect(refused.code == "too_many_attempts")
                let seconds = try #require(refused.headers[.retryAfter].flatMap { Int($0) })
                #expect((1...300).contains(seconds))
            }
            // One that the owner has signed in from does not.
            #expect(try await door.signIn(email, from: "192.0.2.1").status == 200)
            // Another account is not under suspicion.
            #expect(try await door.signIn("bob@shop.example", from: "203.0.113.1").code == "invalid_credentials")
        }
    }

    @Test("After the short wait a new network is let try, whatever others do")
    func newNetwork() async throws {
        try await AccountDoor.open({
            $0.backoff.suspicious = 5
            $0.backoff.knock = .milliseconds(1)
        }) { (door) async throws in
            _ = try await door.signUp(email)
            for _ in 0..<5 { _ = try await door.signIn(email, password: "wrong horse", from: "198.51.100.1") }
            _ = try await door.signIn(email, from: "203.0.113.1")
            try await eventually { try await door.signIn(email, from: "203.0.113.1").status == 200 }
        }
    }

    @Test("IPv6 networks of one site share a larger count")
    func site() async throws {
        try await AccountDoor.open({ $0.backoff.first = .seconds(500) }) { (door) async throws in
            _ = try await door.signUp(email)
            for subnet in 0..<4 {
                for _ in 0..<5 {
                    let answer = try await door.signIn(
                        email, password: "wrong horse", from: "2001:db8::\(subnet):0:0:0:1")
                    #expect(answer.code == "invalid_credentials")
                }
            }
            #expect(try await door.signIn(email, from: "2001:db8:0:5::1").code == "too_many_attempts")
            #expect(try await door.signIn(email, from: "2001:db8:0:500::1").status == 200)
        }
    }

    @Test("Sign-ins are refused before the password is looked at, for an account that is not there as well")
    func signIn() async throws {
        try await AccountDoor.open({ $0.backoff.first = .seconds(500) }) { (door) async throws in
            _ = try await door.signUp(email)
            for account in [email, "nobody@shop.example", "no address"] {
                for _ in 0..<5 {
                    #expect(try await door.signIn(account, password: "wrong horse").code == "invalid_credentials")
                }
                // In any case, and with the right password too.
                let refused = try await door.signIn(account.uppercased())
                #expect(refused.status == 429 && refused.code == "too_many_attempts")
                let seconds = try #require(refused.headers[.retryAfter].flatMap { Int($0) })
                #expect((1...500).contains(seconds))
            }
            // Others are not held up.
            _ = try await door.signUp("bob@shop.example")
            #expect(try await door.signIn("bob@shop.example").status == 200)
        }
    }

    @Test("A success clears the count")
    func success() async throws {
        try await AccountDoor.open({ $0.backoff.first = .seconds(500) }) { (door) async throws in
            _ = try await door.signUp(email)
            for _ in 0..<3 {
                for _ in 0..<4 { #expect(try await door.signIn(email, password: "wrong horse").status == 401) }
                #expect(try await door.signIn(email).status == 200)
            }
        }
    }

    @Test("Of many guesses at once no more are tried than one after the other")
    func atOnce() async throws {
        try await AccountDoor.open({ $0.backoff.first = .seconds(500) }) { (door) async throws in
            let backoff = Backoff(counters: door.counters, policy: door.options.backoff)
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
                            return (error as? Problem)?.code == "too_many_attempts" ? false : nil
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
        try await AccountDoor.open({ $0.backoff.first = .seconds(500) }) { (door) async throws in
            let backoff = Backoff(counters: door.counters, policy: door.options.backoff)
            for _ in 0..<8 {
                await #expect(throws: Problem.self) {
                    try await backoff.guarding("signin", of: "x", from: .networks(of: "192.0.2.1")) {
                        () async throws -> Int? in
                        throw Problem.unavailable("busy", "later")
                    }
                }
            }
            #expect(try await backoff.guarding("signin", of: "x", from: .networks(of: "192.0.2.1")) { 1 } == 1)
        }
    }

    @Test("The change of a password has its own count, by session")
    func passwordChange() async throws {
        try await AccountDoor.open({ $0.backoff.first = .seconds(500) }) { (door) async throws in
            _ = try await door.signUp(email)
            let copied = try await door.session(email).access
            let owners = try await door.session(email).access
            func change(_ current: String, _ token: String) async throws -> AccountDoor.Answer {
                try await door.call(
                    .post, "/auth/password", token: token,
                    ["current_password": current, "new_password": "battery staple"])
            }
            for _ in 0..<5 { #expect(try await change("wrong horse", copied).code == "invalid_credentials") }
            let refused = try await change(AccountDoor.password, copied)
            #expect(refused.status == 429 && refused.code == "too_many_attempts")
            #expect(refused.headers[.retryAfter] != nil)
            #expect(try await door.signIn(email).status == 200)
            #expect(try await change(AccountDoor.password, owners).status == 204)
        }
    }

    @Test("Redis has no address and no password of anybody")
    func secrecy() async throws {
        try await AccountDoor.open { (door) async throws in
            _ = try await door.signUp(email)
            _ = try await door.signIn(email, password: "wrong horse")
            let redis = try #require(door.redis)
            let keys = try await redis.send(["KEYS", .string("\(door.keyPrefix)*")]).arrayValue ?? []
            #expect(keys.count == 2)
            for key in keys.compactMap(\.stringValue) {
                #expect(!key.contains("ann") && !key.contains("shop.example") && !key.contains("192.0.2.1"))
                // A hash of failures; the other is a plain number.
                let values =
                    key.contains("suspicion")
                    ? [] : try await redis.send(["HGETALL", .string(key)]).arrayValue?.compactMap(\.stringValue)
                #expect(values?.contains { $0.contains("ann") || $0.contains("horse") } == false)
                // It is forgotten by itself.
                #expect(try await redis.send(["PTTL", .string(key)]).integerValue ?? 0 > 0)
            }
        }
    }

    @Test("Without Redis this process counts, and it is said once")
    func away() async throws {
        let warnings = Warnings()
        let nobody = try DeafPort()
        try await AccountDoor.open(
            redisAt: "redis://127.0.0.1:\(nobody.port)", logger: warnings.logger,
            {
                $0.rateLimit = 1
                $0.backoff.first = .seconds(500)
            }
        ) { (door) async throws in
            _ = try await door.signUp(email)
            for _ in 0..<5 { #expect(try await door.signIn(email, password: "wrong horse").status == 401) }
            #expect(try await door.signIn(email).code == "too_many_attempts")
            #expect(try await door.signIn(email, from: "192.0.2.2").status == 200)
            #expect(try await door.call(.get, "/api/things").headers[.rateLimit] == #""default";r=0;t=60"#)
            #expect(try await door.call(.get, "/api/things").status == 429)
        }
        #expect(warnings.count("by itself") == 1)
    }

    @Test("Redis' errors are said once a change, and this process counts meanwhile")
    func errors() async throws {
        let warnings = Warnings()
        try await AccountDoor.open(logger: warnings.logger) { (door) async throws in
            let redis = try #require(door.redis)
            let limiter = RateLimiter(counters: door.counters)
            let policy = RatePolicy(name: "test", quota: 2)
            let key = RedisArgument.string("\(door.keyPrefix)gateway:rate:test:x")
            _ = try await redis.send(["RPUSH", key, "not a number"])
            for allowed in [true, true, false, false] {
                #expect(try await limiter.take(policy, client: "x").isAllowed == allowed)
            }
            #expect(warnings.count("by itself") == 1)
            _ = try await redis.send(["DEL", key])
            #expect(try await limiter.take(policy, client: "x").isAllowed)
            _ = try await redis.send(["DEL", key])
            _ = try await redis.send(["RPUSH", key, "not a number"])
            for _ in 0..<2 { #expect(try await !limiter.take(policy, client: "x").isAllowed) }
            #expect(warnings.count("by itself") == 2)
            // Another cause is another line.
            await redis.close()
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
