import Crypto
import FoundationEssentials
import JWTKit

/// The public half of one signing key.
struct VerificationKey: Sendable, Hashable {
    var kid: String
    var alg: SigningAlgorithm
    var x: String
    var y: String?

    var isSound: Bool {
        guard let x = Data(base64URL: x) else { return false }
        switch alg {
        case .es256:
            guard let y = y.flatMap({ Data(base64URL: $0) }) else { return false }
            return (try? P256.Signing.PublicKey(rawRepresentation: x + y)) != nil
        case .eddsa:
            return x.count == 32 && (try? Curve25519.Signing.PublicKey(rawRepresentation: x)) != nil
        }
    }

    /// The key as the token library wants it, `alg` always set.
    var jwk: JWK {
        switch alg {
        case .es256: .ecdsa(.es256, identifier: JWKIdentifier(string: kid), x: x, y: y, curve: .p256)
        case .eddsa: .octetKeyPair(.eddsa, identifier: JWKIdentifier(string: kid), x: x, y: nil, curve: .ed25519)
        }
    }
}

/// The public keys whose signatures are believed: a JSON Web Key Set.
public struct VerificationKeys: Sendable, Hashable {
    let keys: [VerificationKey]

    init(trusted keys: [VerificationKey]) {
        self.keys = keys
    }

    /// The ids of all keys.
    public var keyIDs: [String] { keys.map(\.kid) }

    private struct Document: Codable {
        var keys: [Member]
    }

    private struct Member: Codable {
        var kty: String
        var crv: String?
        var alg: String?
        var use: String?
        var kid: String?
        var x: String?
        var y: String?
    }

    /// Reads a JSON Web Key Set. Keys for other purposes or algorithms are left out.
    ///
    /// - Throws: ``KeyError`` if it is not a key set, has two keys of one id or no usable key at all.
    public init(jwks json: [UInt8], source: String = "the key set") throws(KeyError) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)) else {
            throw KeyError("\(source) is not a JSON Web Key Set")
        }
        let keys = document.keys.compactMap(Self.key)
        guard Set(keys.map(\.kid)).count == keys.count else { throw KeyError("\(source) has two keys of one id") }
        guard !keys.isEmpty else {
            throw KeyError("\(source) has no key for ES256 or EdDSA with a kid and an alg")
        }
        if let bad = keys.first(where: { !$0.isSound }) {
            throw KeyError("\(source): key '\(bad.kid)' is not a public key for \(bad.alg.rawValue)")
        }
        self.keys = keys
    }

    /// Reads a file that holds a JSON Web Key Set.
    ///
    /// - Throws: ``KeyError`` if the file cannot be read, and as ``init(jwks:source:)``.
    public init(file path: String) throws(KeyError) {
        try self.init(jwks: SecretFile.read(path, isSecret: false), source: path)
    }

    private static func key(_ member: Member) -> VerificationKey? {
        guard member.use ?? "sig" == "sig", let kid = member.kid, !kid.isEmpty, let x = member.x else { return nil }
        switch (member.kty, member.crv, member.alg.flatMap(SigningAlgorithm.init)) {
        case ("EC", "P-256", .es256): return VerificationKey(kid: kid, alg: .es256, x: x, y: member.y ?? "")
        case ("OKP", "Ed25519", .eddsa): return VerificationKey(kid: kid, alg: .eddsa, x: x, y: nil)
        default: return nil
        }
    }

    /// The set as JSON, `alg` and `use` always set.
    public var json: [UInt8] {
        let members = keys.map { key in
            Member(
                kty: key.alg == .es256 ? "EC" : "OKP", crv: key.alg == .es256 ? "P-256" : "Ed25519",
                alg: key.alg.rawValue, use: "sig", kid: key.kid, x: key.x, y: key.y)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Strings only: encoding cannot fail.
        return [UInt8]((try? encoder.encode(Document(keys: members))) ?? Data())
    }

    /// A collection of the token library that holds these keys and no default: an unknown id finds nothing.
    func makeCollection() async throws(KeyError) -> JWTKeyCollection {
        let collection = JWTKeyCollection()
        for key in keys {
            do {
                try await collection.add(jwk: key.jwk, isDefault: false)
            } catch {
                throw KeyError("key '\(key.kid)' is not usable")
            }
        }
        await collection.clearDefault()
        return collection
    }
}
