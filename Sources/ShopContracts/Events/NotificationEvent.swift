public import Events

/// Says that a user has a new notification; what it says stands in the customers' database.
public struct NotificationEvent: Codable, Sendable, Equatable {
    /// Published with each notification. Nobody may be listening, and that is no fault.
    public static let created = "notification.created"

    public var schemaVersion = SchemaVersion()
    public var userID: Int64
    /// The user's highest sequence.
    public var sequence: Int64

    public init(userID: Int64, sequence: Int64) {
        self.userID = userID
        self.sequence = sequence
    }

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case userID = "user_id"
        case sequence
    }
}
