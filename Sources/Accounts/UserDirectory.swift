public import FoundationEssentials
public import Hosting
public import Postgres

/// The shop's accounts, for those who run it.
public struct UserDirectory: Sendable {
    /// An account.
    public struct User: Sendable, Equatable {
        public let id: Int64
        public let name: String
        public let email: String
        /// As the database has it.
        public let role: String
        public let createdAt: Date

        init(_ profile: UserProfile) {
            self.id = profile.userID
            self.name = profile.name
            self.email = profile.email
            self.role = profile.role
            self.createdAt = profile.createdAt
        }
    }

    private let users: UserStore

    /// - Parameter database: The gateway's.
    public init(database: PostgresClient) {
        self.users = UserStore(database: database)
    }

    /// Accounts, the youngest first.
    ///
    /// - Parameter part: What their addresses have in them, in any case; nil for all.
    /// - Throws: `PostgresError`.
    public func list(emailPart part: String?, limit: Int) async throws -> [User] {
        try await users.list(emailPart: part, limit: Int64(limit)).map(User.init)
    }

    /// Gives a user another role. All of their sessions end, so that their next token has it; an access token that is
    /// out already keeps the old one until its end. The audit trail says so.
    ///
    /// - Returns: The user as they were before; nil if there is none of that address. Nothing is done to who has the
    ///   role already.
    /// - Throws: `PostgresError`.
    public func setRole(email: String, _ role: ShopRole) async throws -> User? {
        guard let email = EmailAddress(email) else { return nil }
        return try await users.setRole(email: email, role).map(User.init)
    }
}
