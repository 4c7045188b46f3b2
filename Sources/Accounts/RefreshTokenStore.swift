import Events
import Hosting
import Postgres

/// Refresh tokens and their families: all SQL of both tables.
///
/// A family begins at a sign-in. Each token is used once and followed by one other of its family; a token that comes
/// back later was copied by somebody, and since nobody can tell by whom, the whole family ends. Within the grace it is
/// answered with the same successor again, so that a copy never opens a line of its own: whoever of the two holders
/// comes second with the successor is found out.
struct RefreshTokenStore: Sendable {
    /// The time tokens live, in seconds.
    struct Lifetimes: Sendable {
        /// From a token's issue.
        var token: Double
        /// From the sign-in, after which one must sign in again.
        var family: Double
        /// After a token's first use, that it may be used again.
        var grace: Double

        init(_ options: AccountOptions) {
            self.token = options.refreshTokenLifetime / .seconds(1)
            self.family = options.sessionLifetime / .seconds(1)
            self.grace = options.refreshTokenGrace / .seconds(1)
        }
    }

    /// The end of a rotation.
    enum Rotation: Sendable {
        case rotated(userID: Int64, role: ShopRole, successor: RefreshToken)
        /// Unknown, expired, or of a family that has ended.
        case refused
        /// Used before, and not just now: its family was ended by this very call.
        case reused(userID: Int64)
    }

    let database: PostgresClient
    let lifetimes: Lifetimes

    /// Begins a family for a user who has just signed in, and clears away those of theirs that have expired.
    ///
    /// - Parameters:
    ///   - passwordVersion: Which password they have shown; if it was changed meanwhile, nothing begins.
    ///   - network: Where they come from; remembered as theirs.
    /// - Returns: Whether the family has begun.
    func begin(
        userID: Int64, passwordVersion: Int64, token: RefreshToken, network: String? = nil
    ) async throws -> Bool {
        let results = try await database.batch([
            """
            INSERT INTO sign_in_networks (user_id, network)
            SELECT \(userID), \(network)::text WHERE \(network)::text IS NOT NULL
            ON CONFLICT (user_id, network) DO UPDATE SET last_at = now()
            """,
            """
            DELETE FROM refresh_token_families WHERE user_id = \(userID) AND expires_at <= now()
            """,
            """
            WITH account AS (
                -- The lock keeps a change of the password from ending all families but this one.
                SELECT id FROM users WHERE id = \(userID) AND password_version = \(passwordVersion) FOR SHARE
            ), family AS (
                INSERT INTO refresh_token_families (user_id, expires_at)
                SELECT id, now() + make_interval(secs => \(lifetimes.family)) FROM account
                RETURNING id, expires_at
            )
            INSERT INTO refresh_tokens (family_id, token_hash, expires_at)
            SELECT id, \(token.hash), least(expires_at, now() + make_interval(secs => \(lifetimes.token)))
            FROM family
            """,
        ])
        return results.last?.affectedRows == 1
    }

    /// Ends the family of a token, whatever else is wrong with it; a token that nobody knows has none.
    func end(familyOf token: RefreshToken) async throws {
        try await database.query(
            """
            UPDATE refresh_token_families SET revoked_at = now(), revoke_reason = 'sign_out'
            WHERE id = (SELECT family_id FROM refresh_tokens WHERE token_hash = \(token.hash)) AND revoked_at IS NULL
            """)
    }

    /// Ends all families of a user.
    static func endAll(
        userID: Int64, reason: String, in transaction: PostgresTransaction
    ) async throws {
        try await transaction.query(
            """
            UPDATE refresh_token_families SET revoked_at = now(), revoke_reason = \(reason)
            WHERE id IN (
                SELECT id FROM refresh_token_families WHERE user_id = \(userID) AND revoked_at IS NULL
                ORDER BY id FOR UPDATE)
            """)
    }

    /// Trades `old` for its successor, or ends the family of an `old` that was traded before.
    func rotate(_ old: RefreshToken) async throws -> Rotation {
        try await Transactor(database: database).run { work in
            let transaction = work.transaction
            // Both rows are locked: of two requests with one token the second sees what the first did.
            let rows = try await transaction.query(
                """
                SELECT token.id, token.family_id, family.user_id, family.successor_key, users.role,
                       token.expires_at > now() AND family.expires_at > now()
                           AND family.revoked_at IS NULL AS usable,
                       token.used_at IS NULL AS fresh,
                       coalesce(token.used_at > now() - make_interval(secs => \(lifetimes.grace)), true)
                           AS graceful
                FROM refresh_tokens AS token
                JOIN refresh_token_families AS family ON family.id = token.family_id
                JOIN users ON users.id = family.user_id
                WHERE token.token_hash = \(old.hash)
                FOR UPDATE OF token, family
                """)
            guard let row = rows.first, try row.decode("usable", as: Bool.self) else { return .refused }
            let familyID = try row.decode("family_id", as: Int64.self)
            let userID = try row.decode("user_id", as: Int64.self)

            guard try row.decode("graceful", as: Bool.self) else {
                try await transaction.query(
                    """
                    UPDATE refresh_token_families SET revoked_at = now(), revoke_reason = 'reuse'
                    WHERE id = \(familyID)
                    """)
                return .reused(userID: userID)
            }
            let successor = old.successor(key: try row.decode("successor_key", as: [UInt8].self))
            if try row.decode("fresh", as: Bool.self) {
                try await use(try row.decode("id", as: Int64.self), of: familyID, for: successor, in: transaction)
            } else {
                // One that an older version has traded has a successor of another kind: nothing is added beside it.
                let known = try await transaction.query(
                    """
                    SELECT 1 FROM refresh_tokens WHERE token_hash = \(successor.hash)
                    """)
                guard !known.isEmpty else { return .refused }
            }
            return .rotated(
                userID: userID,
                role: try ShopRole(stored: row.decode("role", as: String.self), of: "role of a user"),
                successor: successor)
        }
    }

    private func use(
        _ tokenID: Int64, of familyID: Int64, for successor: RefreshToken, in transaction: PostgresTransaction
    ) async throws {
        try await transaction.batch([
            """
            UPDATE refresh_tokens SET used_at = now() WHERE id = \(tokenID)
            """,
            """
            INSERT INTO refresh_tokens (family_id, token_hash, expires_at)
            SELECT id, \(successor.hash), least(expires_at, now() + make_interval(secs => \(lifetimes.token)))
            FROM refresh_token_families WHERE id = \(familyID)
            """,
        ])
    }
}
