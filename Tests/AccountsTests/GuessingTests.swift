import Redis
import TestSupport
import Throttling
import Testing

@testable import Accounts

@Suite("Guessing passwords takes longer each time")
struct GuessingTests {
    private let email = "ann@shop.example"

    @Test("Nobody keeps an owner out from elsewhere")
    func elsewhere() async throws {
        try await TestAccounts.open({ $0.backoff.first = .seconds(500) }) { (shop) async throws in
            _ = try await shop.signUp(email)
            for _ in 0..<5 { _ = try await shop.guess(email, from: "198.51.100.1") }
            #expect(try await refusal { try await shop.signIn(email, from: "198.51.100.1") }?.wait != nil)
            _ = try await shop.signIn(email, from: "192.0.2.1")
            // Nor from the owner's own network, once they are signed in.
            let session = try await shop.signIn(email)
            for _ in 0..<6 { _ = try await shop.guess(email) }
            #expect(try await refusal { try await shop.signIn(email) }?.wait != nil)
            let next = try await shop.accounts.refresh(session.refreshToken)
            try await shop.changePassword(next.accessToken, to: "battery staple")
        }
    }

    @Test("Guesses from many networks are slowed, and the owner gets in", arguments: [true, false])
    func manyNetworks(isShared: Bool) async throws {
        try await TestAccounts.open(
            isShared: isShared,
            {
                $0.backoff.suspicious = 12
                $0.backoff.knock = .seconds(300)
            }
        ) { (shop) async throws in
            _ = try await shop.signUp(email)
            _ = try await shop.signIn(email, from: "192.0.2.1")
            for guess in 0..<12 {
                #expect(try await shop.guess(email, from: "198.51.100.\(guess)") == .wrongCredentials)
            }
            // From now on a new network has to wait a little, and only a little.
            for address in ["203.0.113.1", "2001:db8::1"] {
                let seconds = try #require(try await shop.guess(email, from: address)?.wait)
                #expect((1...300).contains(seconds))
            }
            // One that the owner has signed in from does not.
            _ = try await shop.signIn(email, from: "192.0.2.1")
            // Another account is not under suspicion.
            #expect(try await shop.guess("bob@shop.example", from: "203.0.113.1") == .wrongCredentials)
        }
    }

    @Test("After the short wait a new network is let try, whatever others do")
    func newNetwork() async throws {
        try await TestAccounts.open({
            $0.backoff.suspicious = 5
            $0.backoff.knock = .milliseconds(1)
        }) { (shop) async throws in
            _ = try await shop.signUp(email)
            for _ in 0..<5 { _ = try await shop.guess(email, from: "198.51.100.1") }
            _ = try await refusal { try await shop.signIn(email, from: "203.0.113.1") }
            try await eventually {
                try await refusal { try await shop.signIn(email, from: "203.0.113.1") } == nil
            }
        }
    }

    @Test("IPv6 networks of one site share a larger count")
    func site() async throws {
        try await TestAccounts.open({ $0.backoff.first = .seconds(500) }) { (shop) async throws in
            _ = try await shop.signUp(email)
            for subnet in 0..<4 {
                for _ in 0..<5 {
                    #expect(try await shop.guess(email, from: "2001:db8::\(subnet):0:0:0:1") == .wrongCredentials)
                }
            }
            #expect(try await refusal { try await shop.signIn(email, from: "2001:db8:0:5::1") }?.wait != nil)
            _ = try await shop.signIn(email, from: "2001:db8:0:500::1")
        }
    }

    @Test("Sign-ins are refused before the password is looked at, for an account that is not there as well")
    func signIn() async throws {
        try await TestAccounts.open({ $0.backoff.first = .seconds(500) }) { (shop) async throws in
            _ = try await shop.signUp(email)
            for account in [email, "nobody@shop.example", "no address"] {
                for _ in 0..<5 { #expect(try await shop.guess(account) == .wrongCredentials) }
                // In any case, and with the right password too.
                let refused = try await refusal { try await shop.signIn(account.uppercased()) }
                let seconds = try #require(refused?.wait)
                #expect((1...500).contains(seconds))
            }
            // Others are not held up.
            _ = try await shop.signUp("bob@shop.example")
            _ = try await shop.signIn("bob@shop.example")
        }
    }

    @Test("A success clears the count")
    func success() async throws {
        try await TestAccounts.open({ $0.backoff.first = .seconds(500) }) { (shop) async throws in
            _ = try await shop.signUp(email)
            for _ in 0..<3 {
                for _ in 0..<4 { #expect(try await shop.guess(email) == .wrongCredentials) }
                _ = try await shop.signIn(email)
            }
        }
    }

    @Test("The change of a password has its own count, by session")
    func passwordChange() async throws {
        try await TestAccounts.open({ $0.backoff.first = .seconds(500) }) { (shop) async throws in
            _ = try await shop.signUp(email)
            let copied = try await shop.signIn(email).accessToken
            let owners = try await shop.signIn(email).accessToken
            for _ in 0..<5 {
                let refused = try await refusal {
                    try await shop.changePassword(copied, from: "wrong horse", to: "battery staple")
                }
                #expect(refused == .wrongCurrentPassword)
            }
            #expect(try await refusal { try await shop.changePassword(copied, to: "battery staple") }?.wait != nil)
            _ = try await shop.signIn(email)
            try await shop.changePassword(owners, to: "battery staple")
        }
    }

    @Test("Redis has no address and no password of anybody")
    func secrecy() async throws {
        try await TestAccounts.open { (shop) async throws in
            _ = try await shop.signUp(email)
            _ = try await shop.guess(email)
            let keys = try await shop.redis.send(["KEYS", .string("\(shop.keyPrefix)*")]).arrayValue ?? []
            #expect(keys.count == 2)
            for key in keys.compactMap(\.stringValue) {
                #expect(!key.contains("ann") && !key.contains("shop.example") && !key.contains("192.0.2.1"))
                // A hash of failures; the other is a plain number.
                let values =
                    key.contains("suspicion")
                    ? [] : try await shop.redis.send(["HGETALL", .string(key)]).arrayValue?.compactMap(\.stringValue)
                #expect(values?.contains { $0.contains("ann") || $0.contains("horse") } == false)
                // It is forgotten by itself.
                #expect(try await shop.redis.send(["PTTL", .string(key)]).integerValue ?? 0 > 0)
            }
        }
    }
}
