import ShopProtos

/// A notification as it travels.
struct NotificationBody: JSONWritable, Sendable {
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

    func write(to json: inout JSONWriter) {
        write(to: &json, as: nil)
    }

    /// - Parameter type: That of the frame whose members these are; nil outside of one.
    fileprivate func write(to json: inout JSONWriter, as type: String?) {
        json.object { json in
            json.member("created_at", createdAt)
            json.member("date", date)
            json.member("kind", kind)
            json.member("order_id", ifPresent: orderID)
            json.member("product_id", ifPresent: productID)
            json.member("sequence", sequence)
            json.member("text", text)
            json.member("time", time)
            json.member("type", ifPresent: type)
            json.member("user_id", userID)
        }
    }
}

/// A text that the server sends on a WebSocket. `type` says what else is in it; clients ignore types they do not know.
enum SessionFrame: JSONWritable, Sendable {
    /// The first one: whose notifications follow, and the sequence that they follow, if it is known.
    case hello(userID: Int64, after: Int64?)
    case notification(NotificationBody)

    func write(to json: inout JSONWriter) {
        switch self {
        case .hello(let userID, let after):
            json.object { json in
                json.member("after", ifPresent: after)
                json.member("type", "hello")
                json.member("user_id", userID)
            }
        case .notification(let body):
            body.write(to: &json, as: "notification")
        }
    }
}
