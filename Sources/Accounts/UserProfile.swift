public import FoundationEssentials

/// An account, as its user is told of it.
public struct UserProfile: Sendable {
    public let userID: Int64
    public let name: String
    public let email: String
    /// As the database has it.
    public let role: String
    public let createdAt: Date
}
