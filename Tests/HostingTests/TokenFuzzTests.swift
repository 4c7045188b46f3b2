import FoundationEssentials
import TestSupport
import Testing

@testable import Hosting

/// Tokens that no issuer should make: whatever they say, they are taken or refused. A trap would end the test run.
@Suite("Fuzz: access tokens", .timeLimit(.minutes(60)))
struct TokenFuzzTests {
    private static let times: [Int64] = [
        .min, .min + 1, -1, 0, 1, 253_402_300_800, 10_000_000_000_000_000, 1 << 53, .max - 1, .max,
    ]

    @Test("Signed claims of every size, and signed tokens with changed bytes")
    func tokens() async throws {
        let run = FuzzRun("tokens", cases: 500)
        let keys = SigningKeys.generate()
        let verifier = try Tokens.verifier(keys)
        for number in 0..<run.cases {
            var random = run.random(number)
            var claims = Tokens.Claims()
            claims.exp = Self.times.randomElement(using: &random)
            if Bool.random(using: &random) { claims.iat = Self.times.randomElement(using: &random) }
            if Bool.random(using: &random) { claims.nbf = Self.times.randomElement(using: &random) }
            if Int.random(in: 0..<8, using: &random) == 0 { claims.aud = [] }
            claims.sub = ["7", "-7", "9223372036854775808", "", "é"].randomElement(using: &random)
            var token = Array(try await Tokens.sign(claims, keys: keys).utf8)
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                token[Int.random(in: 0..<token.count, using: &random)] = .random(in: 0 ... .max, using: &random)
            }
            guard let identity = try? await verifier.verify(String(decoding: token, as: UTF8.self)) else { continue }
            let lifetime = identity.lifetime()
            #expect(lifetime >= .zero && lifetime <= .seconds(366 * 86_400))
        }
    }

    @Test("A lifetime is neither negative nor endless")
    func lifetime() {
        let now = Date()
        func lifetime(_ seconds: Double) -> Duration {
            Identity(subject: 7, role: .customer, tokenID: "a", expiresAt: now + seconds).lifetime(now: now)
        }
        #expect(lifetime(-5) == .zero)
        #expect(lifetime(60) == .seconds(60))
        #expect(lifetime(1e16) == .seconds(366 * 86_400))
        #expect(lifetime(.greatestFiniteMagnitude) == .seconds(366 * 86_400))
    }
}
