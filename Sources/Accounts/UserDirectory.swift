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

    /// Accounts to list, in an order.
    public struct Selection: Sendable {
        /// A piece that their addresses have, in any case; nil for all.
        public var emailPart: String?
        /// Bounds of their opening: the first moment, and the first that is too late; nil for no bound.
        public var since: Date?
        public var until: Date?
        /// The account behind which the page begins; nil for the first page.
        public var afterID: Int64?
        /// Whether the oldest come first.
        public var isAscending: Bool

        public init(
            emailPart: String? = nil, since: Date? = nil, until: Date? = nil, afterID: Int64? = nil,
            isAscending: Bool = false
        ) {
            self.emailPart = emailPart
            self.since = since
            self.until = until
            self.afterID = afterID
            self.isAscending = isAscending
        }
    }

    /// A page of accounts, in the order of their ids.
    ///
    /// - Throws: `PostgresError`.
    public func list(_ selection: Selection, limit: Int) async throws -> [User] {
        try await users.list(selection, limit: Int64(limit)).map(User.init)
    }

    /// The number of accounts on all pages.
    ///
    /// - Throws: `PostgresError`.
    public func count(_ selection: Selection) async throws -> Int64 {
        try await users.count(selection)
    }

    /// The account of this id; nil if there is none.
    ///
    /// - Throws: `PostgresError`.
    public func user(_ id: Int64) async throws -> User? {
        try await users.profile(userID: id).map(User.init)
    }

    /// Gives a user another role. All of their sessions end, so that their next token has it; an access token that is
    /// out already keeps the old one until its end. The audit trail says so.
    ///
    /// - Parameters:
    ///   - reason: Why, for the audit trail; nil where nobody said.
    ///   - isDryRun: Whether all is taken back again.
    /// - Returns: The user as they were before; nil if there is none of that address. Nothing is done to who has the
    ///   role already.
    /// - Throws: `PostgresError`.
    public func setRole(
        email: String, _ role: ShopRole, because reason: String? = nil, isDryRun: Bool = false
    ) async throws -> User? {
        guard let email = EmailAddress(email) else { return nil }
        return try await users.setRole(email: email, role, because: reason, isDryRun: isDryRun).map(User.init)
    }

    /// Ends all sessions of a user: none of their refresh tokens is taken any more. The audit trail has the reason.
    ///
    /// - Parameter isDryRun: Whether they are only counted.
    /// - Returns: The user, and the number of sessions that were open; nil if there is no such user.
    /// - Throws: `PostgresError`.
    public func endSessions(
        userID: Int64, reason: String, isDryRun: Bool
    ) async throws -> (user: User, sessions: Int64)? {
        try await users.endSessions(userID: userID, reason: reason, isDryRun: isDryRun).map { user, sessions in
            (User(user), sessions)
        }
    }
}
