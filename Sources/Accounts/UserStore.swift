import Events
import FoundationEssentials
import Hosting
import Postgres
import Throttling

/// Users and their passwords: all SQL of `users`.
struct UserStore: Sendable {
    /// A user, as far as signing in needs them.
    struct Credentials: Sendable {
        let userID: Int64
        let role: ShopRole
        let passwordHash: String
        /// Changes with the password, and only then.
        let passwordVersion: Int64
    }

    let database: PostgresClient

    /// Adds a customer and returns the new id; nil when the address is taken.
    func insert(name: String, email: EmailAddress, passwordHash: String) async throws -> Int64? {
        // lower() in the "C" collation knows ASCII only, as EmailAddress does; other collations differ by locale.
        let rows = try await database.query(
            """
            INSERT INTO users (name, email, password_hash)
            VALUES (\(name), \(email.address), \(passwordHash))
            ON CONFLICT ((lower(email COLLATE "C"))) DO NOTHING
            RETURNING id
            """)
        return try rows.first?.decode("id", as: Int64.self)
    }

    /// The user known by this address, in whatever case it is written.
    func credentials(email: EmailAddress) async throws -> Credentials? {
        let rows = try await database.query(
            """
            SELECT id, role, password_hash, password_version FROM users WHERE lower(email COLLATE "C") = \(email.key)
            """)
        return try rows.first.map(Self.credentials)
    }

    /// The same by id.
    func credentials(userID: Int64) async throws -> Credentials? {
        let rows = try await database.query(
            """
            SELECT id, role, password_hash, password_version FROM users WHERE id = \(userID)
            """)
        return try rows.first.map(Self.credentials)
    }

    /// Whether the user of that address has signed in from the narrowest of those networks before.
    func hasSignedIn(email: EmailAddress?, from origins: [Origin]) async throws -> Bool {
        guard let email, let network = origins.first?.name else { return false }
        let rows = try await database.query(
            """
            SELECT 1 FROM sign_in_networks JOIN users ON users.id = user_id
            WHERE lower(email COLLATE "C") = \(email.key) AND network = \(network)
            """)
        return !rows.isEmpty
    }

    private static func credentials(_ row: PostgresRow) throws -> Credentials {
        Credentials(
            userID: try row.decode("id", as: Int64.self),
            role: try ShopRole(stored: row.decode("role", as: String.self), of: "role of a user"),
            passwordHash: try row.decode("password_hash", as: String.self),
            passwordVersion: try row.decode("password_version", as: Int64.self))
    }

    /// The user who has this id.
    func profile(userID: Int64) async throws -> UserProfile? {
        let rows = try await database.query(
            """
            SELECT id, name, email, role, created_at FROM users WHERE id = \(userID)
            """)
        return try rows.first.map(Self.profile)
    }

    static func profile(_ row: PostgresRow) throws -> UserProfile {
        UserProfile(
            userID: try row.decode("id", as: Int64.self), name: try row.decode("name", as: String.self),
            email: try row.decode("email", as: String.self), role: try row.decode("role", as: String.self),
            createdAt: try row.decode("created_at", as: Date.self))
    }

    /// Sets a new password, unless it was changed since `version`, and ends all of the user's sessions.
    ///
    /// - Returns: Whether it is set.
    func changePassword(userID: Int64, version: Int64, hash: String) async throws -> Bool {
        try await Transactor(database: database).run { work in
            let transaction = work.transaction
            let changed = try await transaction.query(
                """
                UPDATE users SET password_hash = \(hash), password_version = password_version + 1
                WHERE id = \(userID) AND password_version = \(version)
                """)
            guard changed.affectedRows == 1 else { return false }
            try await RefreshTokenStore.endAll(userID: userID, reason: "password_change", in: transaction)
            return true
        }
    }

    /// Gives a user another role and ends all of their sessions, so that their next token has it. The audit trail
    /// says so.
    ///
    /// - Returns: The user as they were before; nil if there is none of that address.
    func setRole(
        email: EmailAddress, _ role: ShopRole, because reason: String? = nil, isDryRun: Bool = false
    ) async throws -> UserProfile? {
        try await Transactor(database: database).run(asRehearsal: isDryRun) { work in
            let transaction = work.transaction
            let rows = try await transaction.query(
                """
                SELECT id, name, email, role, created_at FROM users
                WHERE lower(email COLLATE "C") = \(email.key) FOR UPDATE
                """)
            guard let user = try rows.first.map(Self.profile), user.role != role.rawValue else {
                return try rows.first.map(Self.profile)
            }
            try await transaction.query(
                """
                UPDATE users SET role = \(role.rawValue) WHERE id = \(user.userID)
                """)
            try await RefreshTokenStore.endAll(userID: user.userID, reason: "role_change", in: transaction)
            try await AuditTrail.noteOperator(
                "user.set_role.\(role.rawValue)", because: reason, userID: user.userID, subjectID: user.userID,
                in: transaction)
            return user
        }
    }

    /// Ends all sessions of a user, for an operator. The audit trail has the reason.
    ///
    /// - Returns: The user, and the number of sessions that were open; nil if there is no such user.
    func endSessions(
        userID: Int64, reason: String, isDryRun: Bool
    ) async throws -> (user: UserProfile, sessions: Int64)? {
        try await Transactor(database: database).run { work in
            let transaction = work.transaction
            // The lock keeps a sign-in from beginning a session unseen.
            let rows = try await transaction.query(
                """
                SELECT id, name, email, role, created_at FROM users WHERE id = \(userID) FOR UPDATE
                """)
            guard let user = try rows.first.map(Self.profile) else { return nil }
            let open = try await transaction.query(
                """
                SELECT count(*) FROM refresh_token_families
                WHERE user_id = \(userID) AND revoked_at IS NULL AND expires_at > now()
                """)
            let sessions = try open.decode((Int64).self)[0]
            guard !isDryRun else { return (user, sessions) }
            try await RefreshTokenStore.endAll(userID: userID, reason: "operator", in: transaction)
            try await AuditTrail.noteOperator(
                "session.revoke", because: reason, userID: userID, subjectID: userID, in: transaction)
            return (user, sessions)
        }
    }

    /// Replaces a password's hash by one of today's parameters, unless it was changed meanwhile.
    func replacePasswordHash(userID: Int64, old: String, new: String) async throws {
        try await database.query(
            """
            UPDATE users SET password_hash = \(new) WHERE id = \(userID) AND password_hash = \(old)
            """)
    }
}
