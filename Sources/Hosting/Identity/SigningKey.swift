import Crypto
import FoundationEssentials
import JWTKit

/// The ways in which access tokens are signed. Each key is for one algorithm only.
public enum SigningAlgorithm: String, Sendable, Codable, CaseIterable {
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
    /// Ed25519.
    case eddsa = "EdDSA"
}

/// One private key with its public half, in the members of a JSON Web Key (RFC 7517, RFC 8037).
struct SigningKey: Sendable, Codable, Hashable {
    var kid: String
    var alg: SigningAlgorithm
    var x: String
    var y: String?
    var d: String
    /// The time it was made, in seconds since 1970; nil for a key of a file that did not say so.
    var created_at: Int64?
    /// The time another key began to sign instead of it; nil for one that signs or never has.
    var signed_until: Int64?

    /// Makes a new key; its id is the thumbprint of its public half (RFC 7638).
    ///
    /// One whose id begins with a hyphen, as one in 64 does, is thrown away: commands would take the id for an option.
    static func generate(_ algorithm: SigningAlgorithm) -> SigningKey {
        while true {
            let key = any(algorithm)
            if !key.kid.hasPrefix("-") { return key }
        }
    }

    private static func any(_ algorithm: SigningAlgorithm) -> SigningKey {
        var key: SigningKey
        switch algorithm {
        case .es256:
            let secret = P256.Signing.PrivateKey()
            let point = secret.publicKey.rawRepresentation
            key = SigningKey(
                kid: "", alg: algorithm, x: point.prefix(32).base64URL, y: point.suffix(32).base64URL,
                d: secret.rawRepresentation.base64URL)
        case .eddsa:
            let secret = Curve25519.Signing.PrivateKey()
            key = SigningKey(
                kid: "", alg: algorithm, x: secret.publicKey.rawRepresentation.base64URL, y: nil,
                d: secret.rawRepresentation.base64URL)
        }
        key.kid = key.thumbprint
        key.created_at = Int64(Date().timeIntervalSince1970)
        return key
    }

    private var thumbprint: String {
        let canonical =
            switch alg {
            case .es256: #"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y ?? "")"}"#
            case .eddsa: #"{"crv":"Ed25519","kty":"OKP","x":"\#(x)"}"#
            }
        return Data(SHA256.hash(data: Data(canonical.utf8))).base64URL
    }

    /// The public half alone.
    var publicKey: VerificationKey { VerificationKey(kid: kid, alg: alg, x: x, y: y) }

    /// The key as the token library wants it, `alg` always set.
    var jwk: JWK {
        switch alg {
        case .es256:
            .ecdsa(.es256, identifier: JWKIdentifier(string: kid), x: x, y: y, curve: .p256, privateKey: d)
        case .eddsa:
            .octetKeyPair(.eddsa, identifier: JWKIdentifier(string: kid), x: x, y: nil, curve: .ed25519, privateKey: d)
        }
    }

    /// Passes if the private half is a key of the algorithm and the public half belongs to it.
    func check() throws(KeyError) {
        let point: Data?
        switch alg {
        case .es256:
            let secret = Data(base64URL: d).flatMap { try? P256.Signing.PrivateKey(rawRepresentation: $0) }
            point = secret?.publicKey.rawRepresentation
        case .eddsa:
            let secret = Data(base64URL: d).flatMap { try? Curve25519.Signing.PrivateKey(rawRepresentation: $0) }
            point = secret?.publicKey.rawRepresentation
        }
        guard let point else { throw KeyError("key '\(kid)' is not a private key for \(alg.rawValue)") }
        let declared = (Data(base64URL: x) ?? Data()) + (y.flatMap { Data(base64URL: $0) } ?? Data())
        guard point == declared else { throw KeyError("the two halves of key '\(kid)' do not belong together") }
    }
}

extension Data {
    /// The bytes in base64url without padding (RFC 4648, section 5).
    var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Decodes base64url without padding; `nil` if it is not that.
    init?(base64URL text: String) {
        var padded = text.replacing("-", with: "+").replacing("_", with: "/")
        padded += String(repeating: "=", count: (4 - padded.utf8.count % 4) % 4)
        self.init(base64Encoded: padded)
    }
}
