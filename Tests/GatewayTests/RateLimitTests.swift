import Accounts
import HTTPTypes
import Hosting
import TestSupport
import Testing
import Throttling

@testable import Gateway

@Suite("No client gets more than its share")
struct RateLimitTests {
    @Test("The answers say what is left, and when to come again")
    func headers() async throws {
        try await AccountGateway.open({ $0.rateLimit = 2 }) { (gateway) async throws in
            let first = try await gateway.call(.get, "/api/things")
            #expect(first.status == 200)
            #expect(first.headers[.rateLimit] == #""default";r=1;t=30"#)
            #expect(first.headers[.rateLimitPolicy] == #""default";q=2;w=60"#)
            // Errors count and tell as well.
            let second = try await gateway.call(.get, "/nowhere")
            #expect(second.status == 404)
            #expect(second.headers[.rateLimit]?.hasPrefix(#""default";r=0;t="#) == true)

            let third = try await gateway.call(.get, "/api/things", headers: [.requestID: "mine"])
            #expect(third.status == 429 && third.code == "rate_limited")
            #expect(third.headers[.contentType] == "application/problem+json")
            #expect(third.headers[.requestID] == "mine" && third.headers[.cacheControl] == "no-store")
            #expect(third.headers[.rateLimit]?.hasPrefix(#""default";r=0;t="#) == true)
            let seconds = try #require(third.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...30).contains(seconds))
            #expect(try await gateway.call(.get, "/api/things", from: "192.0.2.2").status == 200)
        }
    }

    @Test("Who is signed in is counted by account, wherever they are")
    func accounts() async throws {
        try await AccountGateway.open({ $0.rateLimit = 1 }) { (gateway) async throws in
            func token(_ user: Int64) async throws -> String {
                try await gateway.issuer.issue(subject: user, role: .customer, ttl: .seconds(600)).token
            }
            let ann = try await token(1)
            #expect(try await gateway.call(.get, "/api/things", token: ann).status == 200)
            #expect(try await gateway.call(.get, "/api/things", token: ann, from: "192.0.2.9").status == 429)
            #expect(try await gateway.call(.get, "/api/things", token: try await token(2)).status == 200)
            // A token that is none is nobody's account.
            #expect(try await gateway.call(.get, "/api/things").status == 200)
            #expect(try await gateway.call(.get, "/api/things", token: "nonsense").status == 429)
        }
    }

    @Test("Where passwords are taken an address has a smaller share, with any token")
    func auth() async throws {
        try await AccountGateway.open({
            $0.rateLimit = 100
            $0.authRateLimit = 2
        }) { (gateway) async throws in
            let token = try await gateway.issuer.issue(subject: 1, role: .customer, ttl: .seconds(600)).token
            #expect(try await gateway.signIn("x").headers[.rateLimitPolicy] == #""auth";q=2;w=60"#)
            #expect(try await gateway.call(.post, "//auth/signup", token: token, ["name": "x"]).status == 400)
            let refused = try await gateway.signIn("x")
            #expect(refused.status == 429 && refused.code == "rate_limited")
            #expect(try await gateway.call(.get, "/api/things").status == 200)
            #expect(try await gateway.signIn("x", from: "192.0.2.2").status == 401)
        }
    }

    @Test("Who flood sign-ins do not keep those from their sessions who are signed in at the same network")
    func sessions() async throws {
        try await AccountGateway.open({ $0.authRateLimit = 2 }) { (gateway) async throws in
            let id = try await gateway.signUp("ann@shop.example")
            let tokens = try await gateway.session("ann@shop.example")
            #expect(try await gateway.signIn("x").status == 429)
            #expect(try await gateway.refresh(tokens.refresh).status == 200)
            let changed = try await gateway.call(
                .post, "/auth/password", token: tokens.access,
                ["current_password": AccountGateway.password, "new_password": "battery staple"])
            #expect(changed.status == 204)
            // Each of these has a limit as well.
            #expect(try await gateway.call(.post, "/auth/signout", ["refresh_token": "x"]).status == 204)
            #expect(try await gateway.refresh("x").status == 429)
            let token = try await gateway.issuer.issue(subject: id, role: .customer, ttl: .seconds(600)).token
            #expect(try await gateway.call(.post, "/auth/password", token: token, ["x": "y"]).status == 400)
            #expect(try await gateway.call(.post, "/auth/password", token: token, ["x": "y"]).status == 429)
        }
    }

    @Test("An IPv6 client is counted by its network, of which it has all addresses")
    func network() async throws {
        try await AccountGateway.open({ $0.rateLimit = 1 }) { (gateway) async throws in
            #expect(try await gateway.call(.get, "/api/things", from: "2001:db8::1").status == 200)
            #expect(try await gateway.call(.get, "/api/things", from: "2001:db8::2:3").status == 429)
            #expect(try await gateway.call(.get, "/api/things", from: "2001:db8:0:1::1").status == 200)
        }
    }

    @Test("Clients behind a trusted proxy are told apart; nobody else can claim to be another")
    func proxies() async throws {
        let proxies = try [#require(AddressRange("10.0.0.0/8"))]
        try await AccountGateway.open({
            $0.rateLimit = 1
            $0.trustedProxies = proxies
        }) { (gateway) async throws in
            func status(_ forwarded: String, from address: String) async throws -> Int {
                try await gateway.call(
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
        try await AccountGateway.open { (gateway) async throws in
            let answer = try await gateway.call(.get, "/api/things")
            #expect(answer.status == 200 && answer.headers[.rateLimit] == nil)
            #expect(try await gateway.refresh("x").headers[.rateLimit] == nil)
        }
    }

    @Test("Without Redis this process counts requests and wrong passwords, and it is said once")
    func away() async throws {
        let warnings = Warnings()
        let nobody = try DeafPort()
        try await AccountGateway.open(
            redisAt: "redis://127.0.0.1:\(nobody.port)", logger: warnings.logger,
            {
                $0.rateLimit = 1
                $0.accounts.backoff.first = .seconds(500)
            }
        ) { (gateway) async throws in
            let email = "ann@shop.example"
            _ = try await gateway.signUp(email)
            for _ in 0..<5 { #expect(try await gateway.signIn(email, password: "wrong horse").status == 401) }
            #expect(try await gateway.signIn(email).code == "too_many_attempts")
            #expect(try await gateway.signIn(email, from: "192.0.2.2").status == 200)
            #expect(try await gateway.call(.get, "/api/things").headers[.rateLimit] == #""default";r=0;t=60"#)
            #expect(try await gateway.call(.get, "/api/things").status == 429)
        }
        #expect(warnings.count("by itself") == 1)
    }
}
