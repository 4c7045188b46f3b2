import COpenSSL

/// The calls into libcrypto. They block: only ``WorkLine``'s threads make them.
enum Scrypt {
    /// Derives `length` bytes from a password (RFC 7914).
    static func derive(
        password: [UInt8], salt: [UInt8], parameters: ScryptParameters, length: Int
    ) throws(PasswordError) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: length)
        // libcrypto takes a null password for none at all and derives nothing: an empty one needs an address.
        let bytes = password.isEmpty ? [0] : password
        let result = bytes.withUnsafeBytes { buffer in
            EVP_PBE_scrypt(
                buffer.bindMemory(to: CChar.self).baseAddress, password.count, salt, salt.count,
                1 << UInt64(parameters.logN), UInt64(parameters.r), UInt64(parameters.p),
                UInt64(parameters.memoryLimit), &key, length)
        }
        guard result == 1 else { throw .systemFailed(lastError) }
        return key
    }

    /// Bytes nobody can guess.
    static func randomBytes(_ count: Int) throws(PasswordError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw .systemFailed(lastError) }
        return bytes
    }

    /// Compares without telling by the time where the difference is.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// libcrypto's newest error on this thread; the others are forgotten.
    private static var lastError: String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
