import FoundationEssentials
import Glibc
import Testing

@testable import Hosting

/// Tokens that no issuer should make: whatever they say, they are taken or refused. A trap would end the test run.
@Suite("Fuzz: access tokens", .timeLimit(.minutes(60)))
struct TokenFuzzTests {
    private static let times: [Int64] = [
        .min, .min + 1, -1, 0, 1, 253_402_300_800, 10_000_000_000_000_000, 1 << 53, .max - 1, .max,
    ]

    private static func number(_ variable: String) -> Int? { getenv(variable).flatMap { Int(String(cString: $0)) } }

    @Test("Signed claims of every size, and signed tokens with changed bytes")
    func tokens() async throws {
        let seed = Self.number("SHOPCTL_FUZZ_SEED") ?? 20_261_126
        let cases = Self.number("SHOPCTL_FUZZ_CASES") ?? 500
        print("fuzz: tokens, SHOPCTL_FUZZ_SEED=\(seed) SHOPCTL_FUZZ_CASES=\(cases)")
        var random = Seeded(state: UInt64(bitPattern: Int64(seed)))
        let keys = SigningKeys.generate()
        let verifier = try Tokens.verifier(keys)
        for _ in 0..<cases {
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

    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
    }
}
