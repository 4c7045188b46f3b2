import HTTPTypes
import Hosting
import Testing

@testable import Gateway

@Suite("No client gets more than its share")
struct RateLimitTests {
    private let second: Int64 = 1_000_000

    @Test("A bucket empties request by request and fills with time, with Redis and without", arguments: [true, false])
    func bucket(isShared: Bool) async throws {
        try await AccountDoor.open { (door) async throws in
            let limiter = RateLimiter(
                counters: isShared ? door.counters : SharedCounters(redis: nil, logger: .silent))
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
        try await AccountDoor.open { (door) async throws in
            let limiter = RateLimiter(counters: door.counters)
            let policy = RatePolicy(name: "test", quota: 7, window: 86_400)
            let admitted = try await withThrowingTaskGroup(of: Bool?.self) { group in
                for _ in 0..<40 { group.addTask { try await limiter.take(policy, client: "x").isAllowed } }
                return try await group.reduce(into: 0) { $0 += $1 == true ? 1 : 0 }
            }
            #expect(admitted == 7)
        }
    }

    @Test("The answers say what is left, and when to come again")
    func headers() async throws {
        try await AccountDoor.open({ $0.rateLimit = 2 }) { (door) async throws in
            let first = try await door.call(.get, "/api/things")
            #expect(first.status == 200)
            #expect(first.headers[.rateLimit] == #""default";r=1;t=30"#)
            #expect(first.headers[.rateLimitPolicy] == #""default";q=2;w=60"#)
            // Errors count and tell as well.
            let second = try await door.call(.get, "/nowhere")
            #expect(second.status == 404)
            #expect(second.headers[.rateLimit]?.hasPrefix(#""default";r=0;t="#) == true)

            let third = try await door.call(.get, "/api/things", headers: [.requestID: "mine"])
            #expect(third.status == 429 && third.code == "rate_limited")
            #expect(third.headers[.contentType] == "application/problem+json")
            #expect(third.headers[.requestID] == "mine" && third.headers[.cacheControl] == "no-store")
            #expect(third.headers[.rateLimit]?.hasPrefix(#""default";r=0;t="#) == true)
            let seconds = try #require(third.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...30).contains(seconds))
            #expect(try await door.call(.get, "/api/things", from: "192.0.2.2").status == 200)
        }
    }

    @Test("Who is signed in is counted by account, wherever they are")
    func accounts() async throws {
        try await AccountDoor.open({ $0.rateLimit = 1 }) { (door) async throws in
            func token(_ user: Int64) async throws -> String {
                try await door.issuer.issue(subject: user, role: .customer, ttl: .seconds(600)).token
            }
            let ann = try await token(1)
            #expect(try await door.call(.get, "/api/things", token: ann).status == 200)
            #expect(try await door.call(.get, "/api/things", token: ann, from: "192.0.2.9").status == 429)
            #expect(try await door.call(.get, "/api/things", token: try await token(2)).status == 200)
            // A token that is none is nobody's account.
            #expect(try await door.call(.get, "/api/things").status == 200)
            #expect(try await door.call(.get, "/api/things", token: "nonsense").status == 429)
        }
    }

    @Test("Where passwords are taken an address has a smaller share, with any token")
    func auth() async throws {
        try await AccountDoor.open({
            $0.rateLimit = 100
            $0.authRateLimit = 2
        }) { (door) async throws in
            let token = try await door.issuer.issue(subject: 1, role: .customer, ttl: .seconds(600)).token
            #expect(try await door.signIn("x").headers[.rateLimitPolicy] == #""auth";q=2;w=60"#)
            #expect(try await door.call(.post, "//auth/signup", token: token, ["name": "x"]).status == 400)
            let refused = try await door.signIn("x")
            #expect(refused.status == 429 && refused.code == "rate_limited")
            #expect(try await door.call(.get, "/api/things").status == 200)
            #expect(try await door.signIn("x", from: "192.0.2.2").status == 401)
        }
    }

    @Test("Who flood sign-ins do not keep those from their sessions who are signed in at the same network")
    func sessions() async throws {
        try await AccountDoor.open({ $0.authRateLimit = 2 }) { (door) async throws in
            let id = try await door.signUp("ann@shop.example")
            let tokens = try await door.session("ann@shop.example")
            #expect(try await door.signIn("x").status == 429)
            #expect(try await door.refresh(tokens.refresh).status == 200)
            let changed = try await door.call(
                .post, "/auth/password", token: tokens.access,
                ["current_password": AccountDoor.password, "new_password": "battery staple"])
            #expect(changed.status == 204)
            // Each of these has a limit as well.
            #expect(try await door.call(.post, "/auth/signout", ["refresh_token": "x"]).status == 204)
            #expect(try await door.refresh("x").status == 429)
            let token = try await door.issuer.issue(subject: id, role: .customer, ttl: .seconds(600)).token
            #expect(try await door.call(.post, "/auth/password", token: token, ["x": "y"]).status == 400)
            #expect(try await door.call(.post, "/auth/password", token: token, ["x": "y"]).status == 429)
        }
    }

    @Test("An IPv6 client is counted by its network, of which it has all addresses")
    func network() async throws {
        try await AccountDoor.open({ $0.rateLimit = 1 }) { (door) async throws in
            #expect(try await door.call(.get, "/api/things", from: "2001:db8::1").status == 200)
            #expect(try await door.call(.get, "/api/things", from: "2001:db8::2:3").status == 429)
            #expect(try await door.call(.get, "/api/things", from: "2001:db8:0:1::1").status == 200)
        }
    }

    @Test("The /64, the /56 and the /48 of an IPv6 client have a share each", arguments: [true, false])
    func networks(isShared: Bool) async throws {
        try await AccountDoor.open { (door) async throws in
            let limiter = RateLimiter(
                counters: isShared ? door.counters : SharedCounters(redis: nil, logger: .silent))
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

    @Test("Clients behind a trusted proxy are told apart; nobody else can claim to be another")
    func proxies() async throws {
        let proxies = try [#require(AddressRange("10.0.0.0/8"))]
        try await AccountDoor.open({
            $0.rateLimit = 1
            $0.trustedProxies = proxies
        }) { (door) async throws in
            func status(_ forwarded: String, from address: String) async throws -> Int {
                try await door.call(
                    .get, "/api/things", from: address, headers: [.forwardedFor: forwarded]
                ).status
            }
            #expect(try await status("192.0.2.1", from: "10.0.0.1") == 200)
            #expect(try await status("198.51.100.1, 192.0.2.1", from: "10.0.0.2") == 429)
            #expect(try await status("192.0.2.2", from: "10.0.0.1") == 200)
            #expect(try await status("192.0.2.3", from: "203.0.113.1") == 200)
            #expect(try await status("192.0.2.4", from: "203.0.113.1") == 429)
        }
    }

    @Test("Zero is no limit")
    func off() async throws {
        try await AccountDoor.open { (door) async throws in
            let answer = try await door.call(.get, "/api/things")
            #expect(answer.status == 200 && answer.headers[.rateLimit] == nil)
            #expect(try await door.refresh("x").headers[.rateLimit] == nil)
        }
    }
}
