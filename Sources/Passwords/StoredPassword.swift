import FoundationEssentials

/// A password hash as it is stored: `$scrypt$ln=17,r=8,p=1$<salt>$<key>`, in base64 without padding.
struct StoredPassword: Sendable, Equatable {
    static let saltLength = 16
    static let keyLength = 32

    var parameters: ScryptParameters
    var salt: [UInt8]
    var key: [UInt8]

    init(parameters: ScryptParameters, salt: [UInt8], key: [UInt8]) {
        self.parameters = parameters
        self.salt = salt
        self.key = key
    }

    /// Reads a stored string.
    ///
    /// - Throws: ``PasswordError/malformedHash(_:)``, which does not repeat it.
    init(_ text: String) throws(PasswordError) {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 5, fields[0].isEmpty else { throw .malformedHash("it has not four fields behind a $") }
        guard fields[1] == "scrypt" else { throw .malformedHash("its algorithm is not scrypt") }
        let factors = fields[2].split(separator: ",", omittingEmptySubsequences: false)
        guard factors.count == 3 else { throw .malformedHash("its parameters are not ln, r and p") }
        let logN = try Self.number(factors[0], named: "ln")
        let r = try Self.number(factors[1], named: "r")
        let p = try Self.number(factors[2], named: "p")
        parameters = try ScryptParameters(logN: logN, r: r, p: p)
        salt = try Self.decode(fields[3], named: "salt")
        key = try Self.decode(fields[4], named: "key")
        guard salt.count >= 8, salt.count <= 64 else { throw .malformedHash("its salt is not 8 to 64 bytes long") }
        guard key.count >= 16, key.count <= 64 else { throw .malformedHash("its key is not 16 to 64 bytes long") }
    }

    var text: String {
        "$scrypt$ln=\(parameters.logN),r=\(parameters.r),p=\(parameters.p)$\(Self.encode(salt))$\(Self.encode(key))"
    }

    private static func number(_ factor: Substring, named name: String) throws(PasswordError) -> Int {
        let parts = factor.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == name, parts[1].utf8.count <= 3,
            parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(parts[1])
        else { throw .malformedHash("its parameter \(name) is missing or no number") }
        return number
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
    }

    private static func decode(_ text: Substring, named name: String) throws(PasswordError) -> [UInt8] {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard !text.contains("="), let data = Data(base64Encoded: text + padding) else {
            throw .malformedHash("its \(name) is not base64 without padding")
        }
        return Array(data)
    }
}
