import Crypto
import FoundationEssentials
import JWTKit
import Synchronization
import Testing

@testable import Hosting

/// Tokens of the test's own making, good and bad.
enum Tokens {
    static let issuer = "shopctl"
    static let audience = "shop"

    /// Claims that nobody checks before they are signed.
    struct Claims: JWTPayload {
        var iss: String? = Tokens.issuer
        var aud: [String]? = [Tokens.audience]
        var sub: String? = "7"
        var exp: Int64? = Int64(Date().timeIntervalSince1970) + 600
        var iat: Int64? = Int64(Date().timeIntervalSince1970)
        var nbf: Int64?
        var jti: String? = "an id"
        var role: String? = "customer"
        var scope: String?

        func verify(using _: some JWTAlgorithm) {}
    }

    /// Signs by the active key, with any header and claims.
    static func sign(
        _ claims: Claims = Claims(), keys: SigningKeys, kid: String? = nil, type: String = "at+jwt",
        fields: [String: JWTHeaderField] = [:]
    ) async throws -> String {
        let key = try #require(keys.active)
        let collection = JWTKeyCollection()
        try await collection.add(jwk: key.jwk)
        var header = JWTHeader(fields: fields)
        header.typ = type
        header.alg = key.alg.rawValue
        header.kid = kid ?? key.kid
        let signer = try await collection.getKey(for: JWKIdentifier(string: key.kid))
        let encoder = JSONEncoder()
        let head = try encoder.encode(header).base64URL
        let body = try encoder.encode(claims).base64URL
        let signature = Data(try signer.sign(Data("\(head).\(body)".utf8))).base64URL
        return "\(head).\(body).\(signature)"
    }

    /// A token that says of itself that it is not signed.
    static func unsigned(kid: String) throws -> String {
        let head = Data(#"{"alg":"none","typ":"at+jwt","kid":"\#(kid)"}"#.utf8).base64URL
        return "\(head).\(try JSONEncoder().encode(Claims()).base64URL)."
    }

    /// A token signed by HMAC, with what everybody knows for a secret.
    static func hmac(kid: String, secret: [UInt8]) throws -> String {
        let head = Data(#"{"alg":"HS256","typ":"at+jwt","kid":"\#(kid)"}"#.utf8).base64URL
        let signed = "\(head).\(try JSONEncoder().encode(Claims()).base64URL)"
        let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: SymmetricKey(data: secret))
        return "\(signed).\(Data(code).base64URL)"
    }

    static func issuer(_ keys: SigningKeys, audience: String = Tokens.audience) -> TokenIssuer {
        TokenIssuer(keys: keys, issuer: issuer, audience: audience)
    }

    static func verifier(
        _ keys: SigningKeys, options: TokenVerifier.Options = .init()
    ) throws -> TokenVerifier {
        try TokenVerifier(source: .fixed(keys.publicKeys), issuer: issuer, audience: audience, options: options)
    }
}

/// A clock that goes when it is told to.
final class ManualClock: Sendable {
    private let seconds = Mutex(Date().timeIntervalSince1970)

    var now: Date { Date(timeIntervalSince1970: seconds.withLock { $0 }) }

    func advance(by amount: Double) {
        seconds.withLock { $0 += amount }
    }
}
