/// The reason why an access token was refused.
///
/// It names no part of the token but the key id, so it may be logged.
public struct TokenError: Error, Sendable, Hashable, CustomStringConvertible {
    public var kind: Kind
    /// The fault, exactly.
    public var detail: String

    /// The fault with the token.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Not a token at all, or one without the claims that every token has.
        case malformed
        /// Its header has a `typ` other than `at+jwt`.
        case wrongType = "wrong_type"
        /// Unsigned, or signed by another algorithm than the key is meant for.
        case wrongAlgorithm = "wrong_algorithm"
        /// Signed by a key that is not on the list.
        case unknownKey = "unknown_key"
        /// The signature does not fit.
        case badSignature = "bad_signature"
        case expired
        case notYetValid = "not_yet_valid"
        case wrongIssuer = "wrong_issuer"
        case wrongAudience = "wrong_audience"
    }

    init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    public var description: String { "token refused (\(kind.rawValue)): \(detail)" }

    /// The error as the caller sees it: `UNAUTHENTICATED` with the reason `token_expired`, `token_malformed`…
    public var serviceError: ServiceError {
        let message = kind == .expired ? "the access token has expired" : "the access token is not valid"
        return .unauthenticated("token_\(kind.rawValue)", message)
    }
}
