/// The metadata keys of the shop's log records: their one home.
///
/// The raw value is what stands in the record.
public enum LogKey: String, Sendable, CaseIterable {
    // Whose work it is.
    case requestID = "request_id"
    case traceID = "trace_id"
    case sagaID = "saga_id"
    case saga
    case messageID = "message_id"
    case messageType = "message_type"
    case correlationID = "correlation_id"
    case idempotencyKey = "idempotency_key"

    // Who does it.
    case role
    case service
    case participant
    case consumer
    case method
    case path
    case peer

    // What it is about.
    case userID = "user_id"
    case orderID = "order_id"
    case productID = "product_id"
    case reviewID = "review_id"
    case notificationID = "notification_id"

    // Where it goes.
    case database
    case exchange
    case queue
    case routingKey = "routing_key"
    case address
    case migration

    // How it went.
    case attempt
    case count
    case delay
    case duration
    case error
    case outcome
    case reason
    case signal
    case state
    case status
    case version
}
