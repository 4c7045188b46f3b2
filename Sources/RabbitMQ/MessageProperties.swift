public import FoundationEssentials

/// The properties AMQP carries beside a message's body.
public struct MessageProperties: Sendable, Equatable {
    /// The media type of the body.
    public var contentType: String?
    /// The encoding of the body, `gzip` say.
    public var contentEncoding: String?
    /// Identifies the message; what a consumer recognises a repetition by.
    public var messageID: String?
    /// Ties messages of one conversation together.
    public var correlationID: String?
    /// The name of what the message says.
    public var type: String?
    /// The application that sent it.
    public var appID: String?
    /// The queue to which an answer should go.
    public var replyTo: String?
    /// The time when it was made; whole seconds on the wire.
    public var timestamp: Date?
    /// Whether the broker keeps it on disk.
    public var persistent: Bool
    /// 0 to 9, for queues with priorities.
    public var priority: UInt8?
    /// The time it may wait in a queue before it expires; whole milliseconds on the wire.
    public var expiration: Duration?
    /// Everything else.
    public var headers: [String: HeaderValue]

    /// Creates properties; by default a persistent message with nothing else said.
    public init(
        contentType: String? = nil,
        contentEncoding: String? = nil,
        messageID: String? = nil,
        correlationID: String? = nil,
        type: String? = nil,
        appID: String? = nil,
        replyTo: String? = nil,
        timestamp: Date? = nil,
        persistent: Bool = true,
        priority: UInt8? = nil,
        expiration: Duration? = nil,
        headers: [String: HeaderValue] = [:]
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.messageID = messageID
        self.correlationID = correlationID
        self.type = type
        self.appID = appID
        self.replyTo = replyTo
        self.timestamp = timestamp
        self.persistent = persistent
        self.priority = priority
        self.expiration = expiration
        self.headers = headers
    }
}
