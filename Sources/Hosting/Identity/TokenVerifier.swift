import FoundationEssentials
import JWTKit
import Synchronization

/// Tells whose an access token is, or why it is refused.
///
/// A token is verified once and then known by its digest until it expires. Keys that come from a file are followed
/// when the file is replaced: at once when a token names a key that is not on the list (at most once a second), and
/// every few seconds otherwise, so that a retired key is forgotten too.
public final class TokenVerifier: Sendable {
    /// Longer than any token of the shop.
    static let maximumTokenLength = 8192

    /// The seconds for which a token is believed before and after its time, since the clocks of two hosts may be apart.
    public static let leeway: Int64 = 5

    /// The options; the defaults suit a server.
    struct Options: Sendable {
        /// The time by which the clocks of two hosts may be apart, in seconds.
        var leeway = Double(TokenVerifier.leeway)
        var cacheCapacity = 16_384
        var unknownKeyInterval = Duration.seconds(1)
        var lookInterval = Duration.seconds(10)
        var now: @Sendable () -> Date = { Date() }
    }

    private struct State {
        var cache: TokenCache
        var nextLook: ContinuousClock.Instant
        var nextUnknownKeyLook: ContinuousClock.Instant
    }

    private let ring: KeyRing
    private let issuer: String
    private let audience: String
    private let options: Options
    private let state: Mutex<State>

    /// Creates a verifier with a fixed set of keys; see ``replaceKeys(_:)``.
    ///
    /// - Parameters:
    ///   - issuer: The issuer that a token must name.
    ///   - audience: The audience that a token must name, among others perhaps.
    public convenience init(keys: VerificationKeys, issuer: String, audience: String) throws(KeyError) {
        try self.init(source: .fixed(keys), issuer: issuer, audience: audience)
    }

    /// Creates a verifier that follows a file with a public JSON Web Key Set.
    ///
    /// - Throws: ``KeyError`` if the file cannot be read or is not a key set.
    public convenience init(jwksFile: String, issuer: String, audience: String) throws(KeyError) {
        try self.init(source: .jwksFile(jwksFile), issuer: issuer, audience: audience)
    }

    /// Creates a verifier that follows a private key file, for a process that issues tokens too.
    ///
    /// - Throws: ``KeyError`` if the file cannot be read or is not a key file.
    public convenience init(keysFile: String, issuer: String, audience: String) throws(KeyError) {
        try self.init(source: .keysFile(keysFile), issuer: issuer, audience: audience)
    }

    init(source: KeyRing.Source, issuer: String, audience: String, options: Options = .init()) throws(KeyError) {
        self.ring = try KeyRing(source)
        self.issuer = issuer
        self.audience = audience
        self.options = options
        let now = ContinuousClock.now
        self.state = Mutex(
            State(
                cache: TokenCache(capacity: options.cacheCapacity), nextLook: now + options.lookInterval,
                nextUnknownKeyLook: now))
    }

    /// Tells whose the token is.
    ///
    /// - Throws: ``TokenError`` with the precise reason of the refusal.
    public func verify(_ token: String) async throws(TokenError) -> Identity {
        guard token.utf8.count <= Self.maximumTokenLength else { throw TokenError(.malformed, "the token is too long") }
        await followFile()
        let digest = TokenCache.digest(of: token)
        if let identity = state.withLock({ $0.cache.find(digest) }) {
            guard identity.expiresAt.timeIntervalSince1970 + options.leeway > options.now().timeIntervalSince1970 else {
                state.withLock { $0.cache.remove(digest) }
                throw TokenError(.expired, "the token has expired")
            }
            return identity
        }
        let identity = try await verifyUnseen(token)
        state.withLock { $0.cache.insert(identity, for: digest) }
        return identity
    }

    /// Believes these keys from now on, and no other; what older keys vouched for is forgotten.
    public func replaceKeys(_ keys: VerificationKeys) async {
        await ring.replace(keys)
        state.withLock { $0.cache.removeAll() }
    }

    // MARK: - Steps

    private func verifyUnseen(_ token: String) async throws(TokenError) -> Identity {
        let header = try Self.header(of: token)
        let name = header.alg ?? "none"
        guard let algorithm = SigningAlgorithm(rawValue: name) else {
            throw TokenError(.wrongAlgorithm, "the token is not signed by ES256 or EdDSA")
        }
        guard let keyID = header.kid else { throw TokenError(.unknownKey, "the token names no key") }
        let (pinned, collection) = try await key(keyID)
        guard pinned == algorithm else {
            throw TokenError(.wrongAlgorithm, "key '\(keyID)' is not for \(algorithm.rawValue)")
        }
        let type = header.typ?.lowercased() ?? ""
        guard type == AccessTokenClaims.type || type == "application/\(AccessTokenClaims.type)" else {
            throw TokenError(.wrongType, "the token is not an access token")
        }
        guard header.fields["crit"] == nil else {
            throw TokenError(.malformed, "the token has extensions that are not understood")
        }
        let claims: AccessTokenClaims
        do {
            claims = try await collection.verify(token)
        } catch let error as JWTError where error.errorType == .malformedToken {
            throw TokenError(.malformed, "the token lacks claims of an access token")
        } catch {
            throw TokenError(.badSignature, "the signature is not that of key '\(keyID)'")
        }
        return try identity(claims)
    }

    private static func header(of token: String) throws(TokenError) -> JWTHeader {
        guard let parsed = try? DefaultJWTParser().parse(Data(token.utf8), as: UnreadClaims.self) else {
            throw TokenError(.malformed, "this is not a token")
        }
        return parsed.header
    }

    private func key(
        _ id: String
    ) async throws(TokenError) -> (algorithm: SigningAlgorithm, collection: JWTKeyCollection) {
        do {
            if let known = try await ring.key(id) { return known }
            if mayLookForUnknownKey(), await ring.refresh() {
                state.withLock { $0.cache.removeAll() }
            }
            if let known = try await ring.key(id) { return known }
        } catch {
            throw TokenError(.unknownKey, error.description)
        }
        throw TokenError(.unknownKey, "the token's key is not on the list")
    }

    private func identity(_ claims: AccessTokenClaims) throws(TokenError) -> Identity {
        guard claims.iss == issuer else { throw TokenError(.wrongIssuer, "the token is not by '\(issuer)'") }
        guard claims.aud.values.contains(audience) else {
            throw TokenError(.wrongAudience, "the token is not for '\(audience)'")
        }
        let now = options.now().timeIntervalSince1970
        guard Double(claims.exp) + options.leeway > now else { throw TokenError(.expired, "the token has expired") }
        guard Double(max(claims.iat, claims.nbf ?? claims.iat)) - options.leeway <= now else {
            throw TokenError(.notYetValid, "the token is not valid yet")
        }
        guard let subject = Int64(claims.sub), subject > 0, !claims.jti.isEmpty else {
            throw TokenError(.malformed, "the token names no user")
        }
        return Identity(
            subject: subject, role: claims.role,
            scopes: Set((claims.scope ?? "").split(separator: " ").map(String.init)), tokenID: claims.jti,
            actor: claims.act?.sub, expiresAt: Date(timeIntervalSince1970: Double(claims.exp)))
    }

    // MARK: - Following the key file

    private func followFile() async {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            guard now >= state.nextLook else { return false }
            state.nextLook = now + options.lookInterval
            return true
        }
        if isDue, await ring.refresh() {
            state.withLock { $0.cache.removeAll() }
        }
    }

    private func mayLookForUnknownKey() -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            guard now >= state.nextUnknownKeyLook else { return false }
            state.nextUnknownKeyLook = now + options.unknownKeyInterval
            return true
        }
    }
}
