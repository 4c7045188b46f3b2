import ShopProtos

/// A notification as it travels.
struct NotificationBody: Encodable, Sendable {
    enum CodingKeys: String, CodingKey {
        case sequence, kind, text, date, time
        case userID = "user_id"
        case orderID = "order_id"
        case productID = "product_id"
        case createdAt = "created_at"
    }

    let userID: Int64
    /// Counts a user's notifications from 1, without a gap.
    let sequence: Int64
    let kind: String
    let text: String
    /// Absent if it is not about one.
    let orderID: Int64?
    let productID: Int64?
    let date: String
    let time: String
    let createdAt: String

    init(_ message: Notifications_Notification) {
        self.userID = message.userID
        self.sequence = message.sequence
        self.kind = message.kind
        self.text = message.text
        self.orderID = message.orderID == 0 ? nil : message.orderID
        self.productID = message.productID == 0 ? nil : message.productID
        self.date = message.date
        self.time = message.time
        self.createdAt = message.createdAt
    }
}

/// A text that the server sends on a WebSocket. `type` says what else is in it; clients ignore types they do not know.
enum SessionFrame: Encodable, Sendable {
    /// The first one: whose notifications follow, and the sequence that they follow, if it is known.
    case hello(userID: Int64, after: Int64?)
    case notification(NotificationBody)

    private enum CodingKeys: String, CodingKey {
        case type, after
        case userID = "user_id"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .hello(let userID, let after):
            try container.encode("hello", forKey: .type)
            try container.encode(userID, forKey: .userID)
            try container.encodeIfPresent(after, forKey: .after)
        case .notification(let body):
            try container.encode("notification", forKey: .type)
            try body.encode(to: encoder)
        }
    }
}
