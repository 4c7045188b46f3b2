import Hosting
import Postgres

/// Who has an account, and by which password they are known: all SQL of `users`.
struct UserStore: Sendable {
    /// What signing in needs of a user.
    struct Credentials: Sendable {
        let userID: Int64
        let role: ShopRole
        let passwordHash: String
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

    /// Who is known by this address, in whatever case it is written.
    func credentials(email: EmailAddress) async throws -> Credentials? {
        let rows = try await database.query(
            """
            SELECT id, role, password_hash FROM users WHERE lower(email COLLATE "C") = \(email.key)
            """)
        guard let row = rows.first else { return nil }
        return Credentials(
            userID: try row.decode("id", as: Int64.self),
            role: try ShopRole(stored: row.decode("role", as: String.self)),
            passwordHash: try row.decode("password_hash", as: String.self))
    }

    /// Replaces a password's hash by one of today's parameters, unless it was changed meanwhile.
    func replacePasswordHash(userID: Int64, old: String, new: String) async throws {
        try await database.query(
            """
            UPDATE users SET password_hash = \(new) WHERE id = \(userID) AND password_hash = \(old)
            """)
    }
}

extension ShopRole {
    /// A role as the database holds it. Throws when this version does not know it.
    init(stored name: String) throws {
        guard let role = ShopRole(rawValue: name) else { throw UnknownRole(name: name) }
        self = role
    }
}

/// The database holds a role that this version does not know.
struct UnknownRole: Error {
    let name: String
}
