/// Hashes and checks passwords with scrypt.
///
/// Each costs memory and time on purpose, so few run at once, on threads of their own with a low priority, and those
/// that would wait too long are refused. Copies share the threads and the lines.
public struct PasswordHasher: Sendable {
    /// The work factors of new hashes.
    public let parameters: ScryptParameters
    let line: WorkLine

    /// A hasher with threads and lines of its own; one for the whole process is enough.
    ///
    /// - Parameters:
    ///   - maximumConcurrent: how many passwords are worked on at once, by default half as many as there are
    ///     processors; each needs ``ScryptParameters/memory``.
    ///   - maximumWaiting: how many more may wait in each lane; beyond that callers get ``PasswordError/busy``.
    ///   - parameters: the work factors of new hashes.
    public init(
        maximumConcurrent: Int? = nil, maximumWaiting: Int = 32, parameters: ScryptParameters = .recommended
    ) {
        self.parameters = parameters
        line = WorkLine(maximumThreads: maximumConcurrent ?? ProcessorCount.half, maximumWaiting: maximumWaiting)
    }

    /// A string to store for `password`, with a fresh salt: `$scrypt$ln=17,r=8,p=1$<salt>$<key>`.
    ///
    /// - Throws: ``PasswordError``; `CancellationError`.
    public func hash(_ password: String, in lane: PasswordLane = .signIn) async throws -> String {
        let parameters = parameters
        return try await line.run(in: lane) {
            let salt = try Scrypt.randomBytes(StoredPassword.saltLength)
            let key = try Scrypt.derive(
                password: NormalPassword.bytes(of: password), salt: salt, parameters: parameters,
                length: StoredPassword.keyLength)
            return StoredPassword(parameters: parameters, salt: salt, key: key).text
        }
    }

    /// Whether `password` is the one that `stored` was made of, in whatever Unicode form it comes.
    ///
    /// - Throws: ``PasswordError``, for a string that cannot be read at once; `CancellationError`.
    public func check(
        _ password: String, against stored: String, in lane: PasswordLane = .signIn
    ) async throws -> PasswordVerdict {
        let isOutdated = needsRehash(stored)
        let stored = try StoredPassword(stored)
        let match = try await line.run(in: lane) {
            try NormalPassword.candidates(for: password).firstIndex { candidate in
                let key = try Scrypt.derive(
                    password: candidate, salt: stored.salt, parameters: stored.parameters, length: stored.key.count)
                return Scrypt.areEqual(key, stored.key)
            }
        }
        guard let match else { return .wrong }
        return match > 0 || isOutdated ? .rightButOutdated : .right
    }

    /// Does the work of a check for an account that does not exist, so that the time does not tell that it does not.
    ///
    /// - Throws: as ``check(_:against:in:)``.
    public func checkAgainstNothing(_ password: String, in lane: PasswordLane = .signIn) async throws {
        let parameters = parameters
        try await line.run(in: lane) {
            for candidate in NormalPassword.candidates(for: password) {
                _ = try Scrypt.derive(
                    password: candidate, salt: Array(repeating: 0, count: StoredPassword.saltLength),
                    parameters: parameters, length: StoredPassword.keyLength)
            }
        }
    }

    /// Whether `stored` was made with other work factors than today's, or cannot be read.
    func needsRehash(_ stored: String) -> Bool {
        guard let stored = try? StoredPassword(stored) else { return true }
        return stored.parameters != parameters || stored.salt.count != StoredPassword.saltLength
            || stored.key.count != StoredPassword.keyLength
    }
}
