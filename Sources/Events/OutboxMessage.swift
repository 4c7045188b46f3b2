public import FoundationEssentials

public import Telemetry

/// A message that a unit of work sends, by the outbox or straight after its commit.
public struct OutboxMessage: Sendable {
    /// Identifies the message; equal ids are the same message sent again.
    public let messageID: UUID
    /// Its type, and routing key on the events exchange.
    public let type: String
    /// The saga it belongs to.
    public let correlationID: UUID?
    /// The message that caused it.
    public let causationID: UUID?
    /// Whether it must reach a queue; false for events that nobody may be listening to.
    public let mandatory: Bool
    /// UTF-8 JSON.
    public let body: [UInt8]
    /// W3C trace context of the work that sends it.
    public let traceparent: String?

    /// Encodes a body as JSON.
    ///
    /// - Parameter messageID: Nil for a fresh one.
    public init(
        type: String, messageID: UUID? = nil, correlationID: UUID? = nil, causationID: UUID? = nil,
        mandatory: Bool = true, traceparent: String? = TraceContext.current?.traceparent, body: some Encodable
    ) throws {
        self.messageID = messageID ?? UUID.random()
        self.type = type
        self.correlationID = correlationID
        self.causationID = causationID
        self.mandatory = mandatory
        self.body = try MessageCoding.encode(body)
        self.traceparent = traceparent
    }

    /// A message whose body is JSON already.
    init(
        messageID: UUID, type: String, correlationID: UUID?, causationID: UUID?, mandatory: Bool, traceparent: String?,
        encodedBody: [UInt8]
    ) {
        self.messageID = messageID
        self.type = type
        self.correlationID = correlationID
        self.causationID = causationID
        self.mandatory = mandatory
        self.body = encodedBody
        self.traceparent = traceparent
    }
}
