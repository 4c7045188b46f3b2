public import FoundationEssentials
import JWTKit
import NIOPosix

/// Signs access tokens with the active key of a set.
public actor TokenIssuer {
    /// The shortest time between two looks at a key file.
    static let lookInterval = Duration.seconds(10)

    /// The issuer that its tokens name (`iss`).
    public nonisolated let issuer: String
    /// The audience that its tokens name (`aud`).
    public nonisolated let audience: String

    private var keys: SigningKeys
    private var collection: JWTKeyCollection?
    private var file: WatchedFile?
    private var nextLook = ContinuousClock.now + TokenIssuer.lookInterval
    private let now: @Sendable () -> Date

    /// Creates an issuer with a fixed set of keys.
    public init(keys: SigningKeys, issuer: String, audience: String) {
        self.init(keys: keys, file: nil, issuer: issuer, audience: audience, now: { Date() })
    }

    /// Creates an issuer that follows a private key file: a key activated in it signs within seconds.
    ///
    /// - Throws: ``KeyError`` if the file cannot be read or is not a key file.
    public init(keysFile: String, issuer: String, audience: String) throws(KeyError) {
        let file = WatchedFile(keysFile)
        self.init(
            keys: try SigningKeys(file: keysFile), file: file, issuer: issuer, audience: audience, now: { Date() })
    }

    init(keys: SigningKeys, file: WatchedFile?, issuer: String, audience: String, now: @escaping @Sendable () -> Date) {
        self.keys = keys
        self.file = file
        self.issuer = issuer
        self.audience = audience
        self.now = now
    }

    /// Signs a token.
    ///
    /// - Parameters:
    ///   - actor: Who acts as the subject, when it is somebody else (`act`).
    ///   - ttl: How long it is valid, in whole seconds from now.
    /// - Throws: ``KeyError`` if the active key cannot sign.
    public func issue(
        subject: Int64, role: ShopRole, scopes: [String] = [], actor: String? = nil, ttl: Duration
    ) async throws -> (token: String, expiresAt: Date) {
        await follow()
        let issuedAt = Int64(now().timeIntervalSince1970)
        let claims = AccessTokenClaims(
            iss: issuer, aud: .init([audience]), sub: String(subject), exp: issuedAt + ttl.components.seconds,
            iat: issuedAt, nbf: nil, jti: Self.makeTokenID(), role: role,
            scope: scopes.isEmpty ? nil : scopes.joined(separator: " "),
            act: actor.map(AccessTokenClaims.Actor.init))
        let token = try await sign(claims)
        return (token, Date(timeIntervalSince1970: Double(claims.exp)))
    }

    /// The public halves of all keys as a JSON Web Key Set, to be published.
    public func publicJWKS() async -> [UInt8] {
        await follow()
        return keys.publicJWKS
    }

    private func sign(_ claims: AccessTokenClaims) async throws -> String {
        guard let key = keys.active else { throw KeyError("there is no active key") }
        let signer: JWTKeyCollection
        if let collection {
            signer = collection
        } else {
            signer = JWTKeyCollection()
            do {
                try await signer.add(jwk: key.jwk)
            } catch {
                throw KeyError("key '\(key.kid)' cannot sign")
            }
            collection = signer
        }
        let header: JWTHeader = [
            "typ": .string(AccessTokenClaims.type), "alg": .string(key.alg.rawValue), "kid": .string(key.kid),
        ]
        return try await signer.sign(claims, kid: JWKIdentifier(string: key.kid), header: header)
    }

    /// Takes over a replaced key file. A file that cannot be read changes nothing: the keys at hand still sign.
    private func follow() async {
        guard var file, ContinuousClock.now >= nextLook else { return }
        nextLook = ContinuousClock.now + Self.lookInterval
        guard await file.hasChanged() else { return }
        self.file = file
        let path = file.path
        guard let read = try? await NIOThreadPool.singleton.runIfActive({ try SigningKeys(file: path) }) else { return }
        keys = read
        collection = nil
    }

    private static func makeTokenID() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<2).flatMap { _ in withUnsafeBytes(of: generator.next(), Array.init) }
        return Data(bytes).base64URL
    }
}
