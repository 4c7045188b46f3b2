import Crypto

/// A secret that a client trades for its next access token. Only its hash is stored.
struct RefreshToken: Sendable {
    /// 256 random bits in base64url: what the client keeps.
    let secret: String

    /// A new one.
    init() {
        self.init(bytes: SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    }

    /// One that a client sent; nil when it cannot be one of ours.
    init?(_ secret: String) {
        guard secret.utf8.count == 43, secret.utf8.allSatisfy(Self.alphabet.contains) else { return nil }
        self.secret = secret
    }

    /// SHA-256 of ``secret``. No salt and no stretching: nobody guesses 256 random bits.
    var hash: [UInt8] { Array(SHA256.hash(data: Array(secret.utf8))) }

    /// The token that follows this one in its family: the same each time, and not to be computed from this one without
    /// the family's key, which never leaves the database.
    func successor(key: [UInt8]) -> RefreshToken {
        let code = HMAC<SHA256>.authenticationCode(for: Array(secret.utf8), using: SymmetricKey(data: key))
        return RefreshToken(bytes: Array(code))
    }

    private init(bytes: [UInt8]) {
        self.secret = Self.base64URL(bytes)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func base64URL(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> UInt32(count) & 0x3F)])
            }
        }
        if count > 0 {
            text.append(alphabet[Int(bits << UInt32(6 - count) & 0x3F)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
