import FoundationEssentials
import JWTKit
import Testing

@testable import Hosting

@Suite("Access tokens are believed or refused for a reason")
struct TokenVerifierTests {
    let keys = SigningKeys.generate(.es256)

    /// The kind of the refusal; nil if the token is believed.
    func refusal(_ token: String, by verifier: TokenVerifier? = nil) async throws -> TokenError.Kind? {
        do {
            _ = try await (verifier ?? Tokens.verifier(keys)).verify(token)
            return nil
        } catch let error as TokenError {
            return error.kind
        }
    }

    @Test("What was issued is verified", arguments: SigningAlgorithm.allCases)
    func roundTrip(algorithm: SigningAlgorithm) async throws {
        let keys = SigningKeys.generate(algorithm)
        let issued = try await Tokens.issuer(keys).issue(
            subject: 42, role: .admin, scopes: ["topup", "seed"], actor: Identity.operatorActor, ttl: .seconds(60))
        let verifier = try Tokens.verifier(keys)
        let identity = try await verifier.verify(issued.token)
        #expect(identity.subject == 42)
        #expect(identity.role == .admin)
        #expect(identity.scopes == ["topup", "seed"])
        #expect(identity.actor == Identity.operatorActor)
        #expect(identity.expiresAt == issued.expiresAt)
        #expect(!identity.tokenID.isEmpty)
        // The second time it comes from the cache, and is the same.
        #expect(try await verifier.verify(issued.token) == identity)
    }

    @Test("Unsigned tokens are refused")
    func unsigned() async throws {
        #expect(try await refusal(Tokens.unsigned(kid: keys.activeKeyID)) == .wrongAlgorithm)
    }

    @Test("A public key is no secret: HMAC with it is refused")
    func algorithmConfusion() async throws {
        let token = try Tokens.hmac(kid: keys.activeKeyID, secret: keys.publicJWKS)
        #expect(try await refusal(token) == .wrongAlgorithm)
    }

    @Test("A key is for its own algorithm only")
    func pinnedAlgorithm() async throws {
        var both = keys
        let other = both.add(.eddsa)
        let token = try await Tokens.sign(keys: both, kid: other)
        #expect(try await refusal(token, by: Tokens.verifier(both)) == .wrongAlgorithm)
    }

    @Test("A key that is not on the list is refused, and so is no key")
    func unknownKey() async throws {
        #expect(try await refusal(Tokens.sign(keys: .generate())) == .unknownKey)
        #expect(try await refusal(Tokens.sign(keys: .generate(), kid: keys.activeKeyID)) == .badSignature)
    }

    @Test("Whatever is changed in a token, it is refused")
    func tampered() async throws {
        let token = try await Tokens.sign(keys: keys)
        let parts = token.split(separator: ".").map(String.init)
        var admin = Tokens.Claims()
        admin.role = "admin"
        let body = try JSONEncoder().encode(admin).base64URL
        #expect(try await refusal("\(parts[0]).\(body).\(parts[2])") == .badSignature)
        #expect(try await refusal("\(parts[0]).\(parts[1]).") == .badSignature)
        #expect(try await refusal("\(parts[0]).\(parts[1]).AAAA") == .badSignature)
        #expect(try await refusal("\(parts[0]).\(parts[1]).\(String(parts[2].reversed()))") == .badSignature)
    }

    @Test(
        "What is no token is refused",
        arguments: ["", "a", "a.b.c", "..", "eyJ.eyJ.eyJ", "e30.e30.e30", "\u{1}.\u{2}.\u{3}"])
    func malformed(text: String) async throws {
        let kind = try await refusal(text)
        #expect(kind == .malformed || text == "e30.e30.e30" && kind == .wrongAlgorithm)
    }

    @Test("A token without end is not even looked at")
    func tooLong() async throws {
        #expect(try await refusal(String(repeating: "a", count: 10_000)) == .malformed)
    }

    @Test("Other kinds of token do not pass", arguments: ["JWT", "", "id+jwt", "at"])
    func wrongType(type: String) async throws {
        #expect(try await refusal(Tokens.sign(keys: keys, type: type)) == .wrongType)
    }

    @Test("Both spellings of the type pass", arguments: ["at+jwt", "application/at+jwt", "AT+JWT"])
    func rightType(type: String) async throws {
        #expect(try await refusal(Tokens.sign(keys: keys, type: type)) == nil)
    }

    @Test("Extensions that must be understood are not")
    func criticalHeader() async throws {
        #expect(try await refusal(Tokens.sign(keys: keys, fields: ["crit": .array([.string("exp")])])) == .malformed)
    }

    @Test("Claims are checked")
    func claims() async throws {
        let clock = ManualClock()
        let verifier = try Tokens.verifier(keys, options: .init(now: { clock.now }))
        let now = Int64(clock.now.timeIntervalSince1970)
        let cases: [(TokenError.Kind?, (inout Tokens.Claims) -> Void)] = [
            (nil, { $0.aud = ["other", "shop"] }),
            (.wrongAudience, { $0.aud = ["other"] }),
            (.wrongAudience, { $0.aud = [] }),
            (.wrongIssuer, { $0.iss = "somebody" }),
            (.expired, { $0.exp = now - 60 }),
            (nil, { $0.exp = now - 2 }),
            (.notYetValid, { $0.iat = now + 60 }),
            (.notYetValid, { $0.nbf = now + 60 }),
            (nil, { $0.nbf = now + 2 }),
            (.malformed, { $0.sub = nil }),
            (.malformed, { $0.sub = "zero" }),
            (.malformed, { $0.sub = "0" }),
            (.malformed, { $0.jti = nil }),
            (.malformed, { $0.exp = nil }),
            (.malformed, { $0.iat = nil }),
            (.malformed, { $0.aud = nil }),
            (.malformed, { $0.role = "emperor" }),
            (.malformed, { $0.role = nil }),
        ]
        for (index, (expected, change)) in cases.enumerated() {
            var claims = Tokens.Claims()
            (claims.iat, claims.exp) = (now, now + 600)
            change(&claims)
            #expect(try await refusal(Tokens.sign(claims, keys: keys), by: verifier) == expected, "case \(index)")
        }
    }

    @Test("A token that is known expires all the same")
    func expiryOfKnownToken() async throws {
        let clock = ManualClock()
        let verifier = try Tokens.verifier(keys, options: .init(now: { clock.now }))
        let issuer = TokenIssuer(
            keys: keys, file: nil, issuer: Tokens.issuer, audience: Tokens.audience, now: { clock.now })
        let token = try await issuer.issue(subject: 1, role: .customer, ttl: .seconds(60)).token
        #expect(try await refusal(token, by: verifier) == nil)
        clock.advance(by: 59)
        #expect(try await refusal(token, by: verifier) == nil)
        clock.advance(by: 10)
        #expect(try await refusal(token, by: verifier) == .expired)
        #expect(try await refusal(token, by: verifier) == .expired)
    }

    @Test("Refusals tell the caller that they are unauthenticated, and nothing of the token")
    func serviceError() {
        let error = TokenError(.expired, "detail").serviceError
        #expect(error.code == .unauthenticated)
        #expect(error.reason == "token_expired")
        #expect(TokenError(.badSignature, "detail").serviceError.reason == "token_bad_signature")
    }

    @Test("The cache of known tokens is bounded and keeps those in use")
    func cacheBounds() {
        func digest(_ number: Int) -> TokenCache.Digest { TokenCache.digest(of: "token \(number)") }
        let identity = Identity(subject: 1, role: .customer, tokenID: "x", expiresAt: Date())
        var cache = TokenCache(capacity: 100)
        for number in 0..<1000 {
            cache.insert(identity, for: digest(number))
            #expect(cache.find(digest(0)) != nil)
            #expect(cache.count <= 100)
        }
        #expect(cache.find(digest(1)) == nil)
        cache.removeAll()
        #expect(cache.count == 0)
    }
}
