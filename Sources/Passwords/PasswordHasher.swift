/// Hashes and checks passwords with scrypt.
///
/// Each costs memory and time on purpose, so few run at once, on threads of their own, and those that would wait
/// too long are refused. Copies share the threads and the line.
public struct PasswordHasher: Sendable {
    /// The work factors of new hashes.
    public let parameters: ScryptParameters
    let line: WorkLine

    /// A hasher with threads and a line of its own; one for the whole process is enough.
    ///
    /// - Parameters:
    ///   - maximumConcurrent: how many passwords are worked on at once; each needs ``ScryptParameters/memory``.
    ///   - maximumWaiting: how many more may wait; beyond that callers get ``PasswordError/busy``.
    ///   - parameters: the work factors of new hashes.
    public init(
        maximumConcurrent: Int = 2, maximumWaiting: Int = 32, parameters: ScryptParameters = .recommended
    ) {
        self.parameters = parameters
        line = WorkLine(maximumThreads: maximumConcurrent, maximumWaiting: maximumWaiting)
    }

    /// A string to store for `password`, with a fresh salt: `$scrypt$ln=17,r=8,p=1$<salt>$<key>`.
    ///
    /// - Throws: ``PasswordError``; `CancellationError`.
    public func hash(_ password: String) async throws -> String {
        let parameters = parameters
        return try await line.run {
            let salt = try Scrypt.randomBytes(StoredPassword.saltLength)
            let key = try Scrypt.derive(
                password: Array(password.utf8), salt: salt, parameters: parameters, length: StoredPassword.keyLength)
            return StoredPassword(parameters: parameters, salt: salt, key: key).text
        }
    }

    /// Whether `password` is the one that `stored` was made of.
    ///
    /// - Throws: ``PasswordError``, for a string that cannot be read at once; `CancellationError`.
    public func verify(_ password: String, against stored: String) async throws -> Bool {
        let stored = try StoredPassword(stored)
        return try await line.run {
            let key = try Scrypt.derive(
                password: Array(password.utf8), salt: stored.salt, parameters: stored.parameters,
                length: stored.key.count)
            return Scrypt.areEqual(key, stored.key)
        }
    }

    /// Does the work of a check for an account that does not exist, so that the time does not tell that it does not.
    ///
    /// - Throws: as ``verify(_:against:)``.
    public func verifyAgainstNothing(_ password: String) async throws {
        let parameters = parameters
        try await line.run {
            _ = try Scrypt.derive(
                password: Array(password.utf8), salt: Array(repeating: 0, count: StoredPassword.saltLength),
                parameters: parameters, length: StoredPassword.keyLength)
        }
    }

    /// Whether `stored` was made with other work factors than today's, or cannot be read: hash anew at the next
    /// successful sign-in.
    public func needsRehash(_ stored: String) -> Bool {
        guard let stored = try? StoredPassword(stored) else { return true }
        return stored.parameters != parameters || stored.salt.count != StoredPassword.saltLength
            || stored.key.count != StoredPassword.keyLength
    }
}
