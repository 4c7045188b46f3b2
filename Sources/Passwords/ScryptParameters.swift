/// Scrypt's work factors (RFC 7914): time and memory are in proportion to 2^`logN` · `r`.
public struct ScryptParameters: Sendable, Hashable {
    /// The binary logarithm of the cost N.
    public let logN: Int
    /// The block size.
    public let r: Int
    /// The parallelisation: that many passes one after the other.
    public let p: Int

    /// N = 2^17, r = 8, p = 1: 128 MiB and a few tenths of a second for each password.
    public static let recommended = ScryptParameters(uncheckedLogN: 17, r: 8, p: 1)

    /// Parameters within what a server can afford: `logN` 1 to 20, `r` 1 to 32, `p` 1 to 16, at most 1 GiB.
    ///
    /// - Throws: ``PasswordError/unacceptableParameters(_:)``.
    public init(logN: Int, r: Int, p: Int) throws(PasswordError) {
        guard (1...20).contains(logN) else { throw .unacceptableParameters("ln=\(logN) is not within 1 to 20") }
        guard (1...32).contains(r) else { throw .unacceptableParameters("r=\(r) is not within 1 to 32") }
        guard (1...16).contains(p) else { throw .unacceptableParameters("p=\(p) is not within 1 to 16") }
        self.init(uncheckedLogN: logN, r: r, p: p)
        guard memory <= 1 << 30 else { throw .unacceptableParameters("they ask for more than 1 GiB") }
    }

    private init(uncheckedLogN logN: Int, r: Int, p: Int) {
        self.logN = logN
        self.r = r
        self.p = p
    }

    /// The size of scrypt's large table in bytes.
    public var memory: Int { 128 * r << logN }

    /// A bound for all of scrypt's memory, in bytes: libcrypto refuses more than 32 MiB unless told.
    var memoryLimit: Int { memory + 128 * r * (p + 4) + 1 << 20 }
}
