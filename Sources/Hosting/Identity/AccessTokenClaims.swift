import JWTKit

/// The claims of the shop's access tokens (RFC 9068). Times are whole seconds since 1970.
struct AccessTokenClaims: JWTPayload {
    /// The header's `typ`, so that no other kind of token passes for an access token.
    static let type = "at+jwt"

    var iss: String
    var aud: Audience
    var sub: String
    var exp: Int64
    var iat: Int64
    var nbf: Int64?
    var jti: String
    var role: ShopRole
    /// Scopes, separated by spaces.
    var scope: String?
    /// The one who acts as the subject, when it is somebody else (RFC 8693).
    var act: Actor?

    struct Actor: Codable, Sendable {
        var sub: String
    }

    /// The verifier checks the claims itself: it must tell the reasons apart.
    func verify(using _: some JWTAlgorithm) {}

    /// One audience or several, as the standard allows. (The token library's own type traps on an empty list.)
    struct Audience: Codable, Sendable {
        var values: [String]

        init(_ values: [String]) {
            self.values = values
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                values = [one]
            } else {
                values = try container.decode([String].self)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            if values.count == 1 {
                try container.encode(values[0])
            } else {
                try container.encode(values)
            }
        }
    }
}

/// Stands in for the claims while only the header is read.
struct UnreadClaims: JWTPayload {
    func verify(using _: some JWTAlgorithm) {}
}
