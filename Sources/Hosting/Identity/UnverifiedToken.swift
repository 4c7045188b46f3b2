public import FoundationEssentials

/// An access token as it reads, whoever has signed it: nothing that it says may be believed.
public struct UnverifiedToken: Sendable, Equatable {
    /// The header's words; nil for those that it lacks.
    public let algorithm: String?
    public let keyID: String?
    public let type: String?
    /// The user that it is made out to, as it is written.
    public let subject: String?
    public let role: String?
    public let issuer: String?
    public let audiences: [String]
    public let scopes: [String]
    public let tokenID: String?
    /// The one who acts as the subject, when it is somebody else.
    public let actor: String?
    public let issuedAt: Date?
    public let notBefore: Date?
    public let expiresAt: Date?
    /// The names of the claims that are to be times, and are none that a calendar has.
    public let unreadableTimes: [String]
    /// The names of the claims that the shop's tokens do not have, in order.
    public let otherClaims: [String]

    private static let known: Set<String> = [
        "iss", "aud", "sub", "exp", "iat", "nbf", "jti", "role", "scope", "act",
    ]

    /// Reads a token in its compact form (RFC 7515): three parts in base64url, two of them JSON objects.
    ///
    /// - Throws: ``TokenError`` of the kind `malformed`; it names no part of the token.
    public init(_ token: String) throws(TokenError) {
        guard token.utf8.count <= TokenVerifier.maximumTokenLength else {
            throw TokenError(.malformed, "the token is too long")
        }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else {
            throw TokenError(.malformed, "this is not a token: it has not three parts with dots between them")
        }
        let header = try Self.object(parts[0], "header")
        let claims = try Self.object(parts[1], "claims")
        algorithm = header["alg"]?.text
        keyID = header["kid"]?.text
        type = header["typ"]?.text
        subject = claims["sub"]?.text
        role = claims["role"]?.text
        issuer = claims["iss"]?.text
        audiences = claims["aud"]?.texts ?? []
        scopes = (claims["scope"]?.text ?? "").split(separator: " ").map(String.init)
        tokenID = claims["jti"]?.text
        actor = claims["act"]?.subject
        issuedAt = claims["iat"]?.date
        notBefore = claims["nbf"]?.date
        expiresAt = claims["exp"]?.date
        unreadableTimes = ["iat", "nbf", "exp"].filter { name in claims[name].map { $0.date == nil } ?? false }
        otherClaims = claims.keys.filter { !Self.known.contains($0) }.sorted()
    }

    private static func object(_ part: String, _ name: String) throws(TokenError) -> [String: Claim] {
        guard let bytes = Data(base64URL: part),
            let members = try? JSONDecoder().decode([String: Claim].self, from: bytes)
        else { throw TokenError(.malformed, "this is not a token: its \(name) cannot be read") }
        return members
    }

    /// A claim's value, as far as the shop's tokens have such.
    private enum Claim: Decodable {
        case text(String)
        case number(Double)
        case list([String])
        case actor(String)
        case other

        private enum Member: String, CodingKey {
            case sub
        }

        init(from decoder: any Decoder) throws {
            if let value = try? decoder.singleValueContainer() {
                if let text = try? value.decode(String.self) {
                    self = .text(text)
                    return
                }
                if let number = try? value.decode(Double.self) {
                    self = .number(number)
                    return
                }
                if let texts = try? value.decode([String].self) {
                    self = .list(texts)
                    return
                }
            }
            if let members = try? decoder.container(keyedBy: Member.self),
                let subject = try? members.decode(String.self, forKey: .sub)
            {
                self = .actor(subject)
                return
            }
            self = .other
        }

        var text: String? { if case .text(let text) = self { text } else { nil } }

        var texts: [String] {
            switch self {
            case .text(let text): [text]
            case .list(let texts): texts
            default: []
            }
        }

        var subject: String? { if case .actor(let subject) = self { subject } else { nil } }

        /// Nil for what is no time that a calendar has.
        var date: Date? {
            guard case .number(let seconds) = self, abs(seconds) < 253_402_300_800 else { return nil }
            return Date(timeIntervalSince1970: seconds)
        }
    }
}
