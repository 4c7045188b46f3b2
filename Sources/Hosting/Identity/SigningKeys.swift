public import FoundationEssentials

/// The shop's private keys for access tokens: one signs, the others are still (or already) believed.
///
/// To change keys without downtime: ``add(_:)`` a key and publish the set, ``activate(_:)`` it once every verifier
/// can have seen it, and ``retire(_:)`` the old one when the last token that it signed has expired.
public struct SigningKeys: Sendable, Hashable {
    private(set) var keys: [SigningKey]
    /// The id of the key that signs.
    public private(set) var activeKeyID: String

    /// Makes a set of one new key, which signs.
    public static func generate(_ algorithm: SigningAlgorithm = .es256) -> SigningKeys {
        let key = SigningKey.generate(algorithm)
        return SigningKeys(keys: [key], activeKeyID: key.kid)
    }

    private init(keys: [SigningKey], activeKeyID: String) {
        self.keys = keys
        self.activeKeyID = activeKeyID
    }

    /// The ids of all keys, in the order in which they were added.
    public var keyIDs: [String] { keys.map(\.kid) }

    /// The algorithm of a key; `nil` if the set has no such key.
    public func algorithm(of keyID: String) -> SigningAlgorithm? {
        keys.first { $0.kid == keyID }?.alg
    }

    /// The time a key was made; `nil` if its file does not say so.
    public func creation(of keyID: String) -> Date? {
        keys.first { $0.kid == keyID }?.created_at.map { Date(timeIntervalSince1970: Double($0)) }
    }

    /// The time another key began to sign instead of that one; `nil` for one that signs, never has, or whose file does not
    /// say so.
    public func signingEnd(of keyID: String) -> Date? {
        keys.first { $0.kid == keyID }?.signed_until.map { Date(timeIntervalSince1970: Double($0)) }
    }

    /// Adds a new key, which is published but does not sign yet.
    ///
    /// - Returns: The id of the key.
    public mutating func add(_ algorithm: SigningAlgorithm = .es256) -> String {
        let key = SigningKey.generate(algorithm)
        keys.append(key)
        return key.kid
    }

    /// Lets that key sign from now on.
    ///
    /// - Throws: ``KeyError`` if the set has no such key.
    public mutating func activate(_ keyID: String) throws(KeyError) {
        guard let new = keys.firstIndex(where: { $0.kid == keyID }) else {
            throw KeyError("there is no key '\(keyID)'")
        }
        guard keyID != activeKeyID else { return }
        if let old = keys.firstIndex(where: { $0.kid == activeKeyID }) {
            keys[old].signed_until = Int64(Date().timeIntervalSince1970)
        }
        keys[new].signed_until = nil
        activeKeyID = keyID
    }

    /// Removes a key: what it signed is no longer believed.
    ///
    /// - Throws: ``KeyError`` if the set has no such key, or it is the one that signs.
    public mutating func retire(_ keyID: String) throws(KeyError) {
        guard keyIDs.contains(keyID) else { throw KeyError("there is no key '\(keyID)'") }
        guard keyID != activeKeyID else {
            throw KeyError("key '\(keyID)' signs; activate another one before retiring it")
        }
        keys.removeAll { $0.kid == keyID }
    }

    /// The public halves of all keys.
    public var publicKeys: VerificationKeys { VerificationKeys(trusted: keys.map(\.publicKey)) }

    /// The public halves as a JSON Web Key Set, to be published.
    public var publicJWKS: [UInt8] { publicKeys.json }

    var active: SigningKey? { keys.first { $0.kid == activeKeyID } }
}

// MARK: - The private file

extension SigningKeys {
    private struct File: Codable {
        var version: Int
        var active: String
        var keys: [SigningKey]
    }

    /// Reads a private key file.
    ///
    /// - Throws: ``KeyError`` if the file cannot be read, is open to other users, or is not what ``write(to:)`` writes.
    public init(file path: String) throws(KeyError) {
        try self.init(json: SecretFile.read(path), source: path)
    }

    init(json: [UInt8], source: String) throws(KeyError) {
        // The decoder's own error would quote what it read.
        guard let file = try? JSONDecoder().decode(File.self, from: Data(json)), file.version == 1 else {
            throw KeyError("\(source) is not a key file of version 1")
        }
        guard Set(file.keys.map(\.kid)).count == file.keys.count else {
            throw KeyError("\(source) has two keys of one id")
        }
        for key in file.keys { try key.check() }
        guard file.keys.contains(where: { $0.kid == file.active }) else {
            throw KeyError("\(source): the active key '\(file.active)' is not among its keys")
        }
        self.init(keys: file.keys, activeKeyID: file.active)
    }

    var privateJSON: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Strings and numbers only: encoding cannot fail.
        let data = try? encoder.encode(File(version: 1, active: activeKeyID, keys: keys))
        return [UInt8](data ?? Data())
    }

    /// Writes the private keys, readable by their owner only, in one step: a reader sees the old file or the new one.
    ///
    /// - Throws: ``KeyError`` if the file cannot be written.
    public func write(to path: String) throws(KeyError) {
        try SecretFile.write(privateJSON, to: path, mode: 0o600)
    }

    /// Writes the private keys as ``write(to:)`` does, if no file of that name is there. Of several who do it at once
    /// one has made the file.
    ///
    /// - Returns: False if there is one; it stays as it is.
    /// - Throws: ``KeyError`` if the file cannot be written.
    public func create(_ path: String) throws(KeyError) -> Bool {
        try SecretFile.create(privateJSON, at: path, mode: 0o600)
    }

    /// Changes a private key file: reads it, has the keys changed and writes it, while nobody else changes it this way.
    ///
    /// - Parameter patience: How long another change is waited for.
    /// - Returns: The keys as they are written.
    /// - Throws: ``KeyError`` if the file cannot be locked in time, read or written; what `change` throws. The file is then as
    ///   it was.
    public static func change(
        _ path: String, patience: Duration = .seconds(60), _ change: (inout SigningKeys) async throws -> Void
    ) async throws -> SigningKeys {
        let lock = try await KeyFileLock.acquire(path, patience: patience)
        defer { lock.release() }
        var keys = try SigningKeys(file: path)
        try await change(&keys)
        try keys.write(to: path)
        return keys
    }

    /// Writes the public set in one step, readable by everybody.
    ///
    /// - Throws: ``KeyError`` if the file cannot be written.
    public func writePublicJWKS(to path: String) throws(KeyError) {
        try SecretFile.write(publicJWKS, to: path, mode: 0o644)
    }
}
