@_spi(_Unicode) import Swift

/// The one form in which passwords are hashed and compared: OpaqueString of RFC 8265, section 4.2. Spaces of other
/// scripts become U+0020, then the text is composed canonically (Unicode normalization form C). So a password is the
/// same from keyboards that compose an accent with its letter and from those that do not.
///
/// The form comes from the standard library's own normalizer, the one that `String.==` compares with. It is behind an
/// SPI, since its public spelling is still being reviewed; but nothing else has it: FoundationEssentials leaves it to
/// ICU, 40 MB of data, and tables of our own would have to follow Unicode by hand. The compiler is pinned, and a test
/// holds the form to Unicode's examples.
enum NormalPassword {
    static func bytes(of password: String) -> [UInt8] {
        // ASCII is in the form as it is.
        if password.utf8.allSatisfy({ $0 < 0x80 }) { return Array(password.utf8) }
        var spaced = String.UnicodeScalarView()
        for scalar in password.unicodeScalars {
            spaced.append(scalar.properties.generalCategory == .spaceSeparator ? " " : scalar)
        }
        var composed = String.UnicodeScalarView()
        composed.append(contentsOf: String(spaced)._nfc)
        return Array(String(composed).utf8)
    }

    /// The forms that may stand behind a stored hash, the present one first: older hashes were made of the bytes as
    /// they came.
    static func candidates(for password: String) -> [[UInt8]] {
        let normal = bytes(of: password)
        let raw = Array(password.utf8)
        return normal == raw ? [normal] : [normal, raw]
    }
}
