import HTTPTypes
import Hosting
import Redis
import Testing

@testable import Gateway

@Suite("Guessing passwords takes longer each time")
struct BackoffTests {
    private let email = "ann@shop.example"

    @Test("Five failures are free; then 1 s, 2 s, 4 s and so on up to 15 minutes")
    func schedule() async throws {
        try await AccountDoor.open { (door) async throws in
            let backoff = Backoff(counters: door.counters)
            let second: Int64 = 1_000_000
            var now = 1_800_000_000 * second
            for _ in 0..<4 {
                #expect(try await backoff.take("begin", key: "k", now: now) == 0)
                #expect(try await backoff.take("fail", key: "k", now: now) == 0)
            }
            for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] as [Int64] {
                #expect(try await backoff.take("begin", key: "k", now: now) == 0)
                // The wait begins when the attempt has failed.
                now += second / 2
                #expect(try await backoff.take("fail", key: "k", now: now) == wait * second)
                #expect(try await backoff.take("begin", key: "k", now: now) == wait * second)
                #expect(try await backoff.take("begin", key: "k", now: now + wait * second - 1) == 1)
                now += wait * second
            }
            // What came to nothing does not count, and a success clears all.
            #expect(try await backoff.take("begin", key: "k", now: now) == 0)
            #expect(try await backoff.take("undo", key: "k", now: now) == 0)
            #expect(try await backoff.take("begin", key: "k", now: now) == 0)
            #expect(try await backoff.take("clear", key: "k", now: now) == 0)
            #expect(try await backoff.take("begin", key: "k", now: now) == 0)
            #expect(try await backoff.take("fail", key: "k", now: now) == 0)
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
                            let result: Int? = try await backoff.guarding("signin", of: "x") {
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
                    try await backoff.guarding("signin", of: "x") { () async throws -> Int? in
                        throw Problem.unavailable("busy", "later")
                    }
                }
            }
            #expect(try await backoff.guarding("signin", of: "x") { 1 } == 1)
        }
    }

    @Test("The change of a password has its own count")
    func passwordChange() async throws {
        try await AccountDoor.open({ $0.backoff.first = .seconds(500) }) { (door) async throws in
            _ = try await door.signUp(email)
            let token = try await door.session(email).access
            func change(_ current: String) async throws -> AccountDoor.Answer {
                try await door.call(
                    .post, "/auth/password", token: token,
                    ["current_password": current, "new_password": "battery staple"])
            }
            for _ in 0..<5 { #expect(try await change("wrong horse").code == "invalid_credentials") }
            let refused = try await change(AccountDoor.password)
            #expect(refused.status == 429 && refused.code == "too_many_attempts")
            #expect(refused.headers[.retryAfter] != nil)
            #expect(try await door.signIn(email).status == 200)
        }
    }

    @Test("Redis has no address and no password of anybody")
    func secrecy() async throws {
        try await AccountDoor.open { (door) async throws in
            _ = try await door.signUp(email)
            _ = try await door.signIn(email, password: "wrong horse")
            let redis = try #require(door.redis)
            let keys = try await redis.send(["KEYS", .string("\(door.keyPrefix)*")]).arrayValue ?? []
            #expect(keys.count == 1)
            for key in keys.compactMap(\.stringValue) {
                #expect(!key.contains("ann") && !key.contains("shop.example"))
                let values = try await redis.send(["HGETALL", .string(key)]).arrayValue?.compactMap(\.stringValue)
                #expect(values?.contains { $0.contains("ann") || $0.contains("horse") } == false)
                // It is forgotten by itself.
                #expect(try await redis.send(["PTTL", .string(key)]).integerValue ?? 0 > 0)
            }
        }
    }

    @Test("Without Redis people can sign in, and it is said once")
    func away() async throws {
        let warnings = Warnings()
        let nobody = try DeafPort()
        try await AccountDoor.open(
            redisAt: "redis://127.0.0.1:\(nobody.port)", logger: warnings.logger, { $0.rateLimit = 1 }
        ) { (door) async throws in
            _ = try await door.signUp(email)
            for _ in 0..<8 { #expect(try await door.signIn(email, password: "wrong horse").status == 401) }
            #expect(try await door.signIn(email).status == 200)
            for _ in 0..<3 {
                let answer = try await door.call(.get, "/api/things")
                #expect(answer.status == 200 && answer.headers[.rateLimit] == nil)
            }
        }
        #expect(warnings.count("not limited") == 1)
    }
}
