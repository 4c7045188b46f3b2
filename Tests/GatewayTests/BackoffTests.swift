import HTTPTypes
import Hosting
import Redis
import TestSupport
import Testing
import Throttling

@testable import Gateway

@Suite("Guessing passwords takes longer each time")
struct BackoffTests {
    private let email = "ann@shop.example"

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
}
