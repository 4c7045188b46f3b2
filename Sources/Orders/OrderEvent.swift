import Sagas

/// The domain events of orders, for everyone who is not part of the saga.
enum OrderEvent {
    static let confirmed = "order.confirmed"
    static let rejected = "order.rejected"

    struct Body: Codable, Sendable {
        var schemaVersion = 1
        var orderID: Int64
        var userID: Int64
        /// Minor units.
        var total: Int64
        var currency: String
        /// Why it was rejected.
        var refusal: SagaRefusal?

        enum CodingKeys: String, CodingKey {
            case schemaVersion = "schema_version"
            case orderID = "order_id"
            case userID = "user_id"
            case total, currency, refusal
        }
    }
}
