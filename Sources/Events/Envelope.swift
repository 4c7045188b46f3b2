public import FoundationEssentials

/// A message as the shop's services exchange it: what travels in AMQP properties, and a JSON body.
///
/// The `type` is also the routing key it was first published with.
public struct Envelope: Sendable, Equatable {
    /// Identifies the message; a message sent again keeps it.
    public var messageID: UUID
    /// The meaning of the body: `saga.order-placement.try`, `order.confirmed`, …
    public var type: String
    /// The thing that the message belongs to: the id of its saga, where there is one.
    public var correlationID: UUID?
    /// The message that made the sender send this one.
    public var causationID: UUID?
    /// The service that sent it.
    public var appID: String
    /// The time when it was written to the outbox, by the sender's database; that of a `try` is when its saga began,
    /// however often it is sent; that of another message of a saga is when it was sent.
    public var timestamp: Date
    /// The number of times handling it has failed before; 0 at first.
    public var attempt: Int
    /// The reason why handling it failed last; nil if it never did.
    public var lastError: String?
    /// All failures so far, those before it was sent back from the dead letters among them; nil if there were none.
    public var failures: FailureHistory?
    /// W3C trace context of the work that sent it.
    public var traceparent: String?
    /// UTF-8 JSON, snake_case, with a `schema_version`.
    public var body: [UInt8]

    public init(
        messageID: UUID, type: String, correlationID: UUID? = nil, causationID: UUID? = nil, appID: String,
        timestamp: Date, attempt: Int = 0, lastError: String? = nil, failures: FailureHistory? = nil,
        traceparent: String? = nil, body: [UInt8]
    ) {
        self.messageID = messageID
        self.type = type
        self.correlationID = correlationID
        self.causationID = causationID
        self.appID = appID
        self.timestamp = timestamp
        self.attempt = attempt
        self.lastError = lastError
        self.failures = failures
        self.traceparent = traceparent
        self.body = body
    }

    /// Decodes the JSON body.
    ///
    /// - Throws: ``MessageRejection`` of class `undecodable`, naming what is wrong with the body.
    public func decode<Body: Decodable>(_ type: Body.Type = Body.self) throws(MessageRejection) -> Body {
        do {
            return try MessageCoding.decode(type, from: body)
        } catch let rejection as MessageRejection {
            throw MessageRejection(rejection.errorClass, "\(self.type): \(rejection.reason)")
        } catch {
            throw MessageRejection(.undecodable, "\(self.type): \(MessageCoding.describe(error))")
        }
    }
}
