/// The limits of what fits on the wire. Checked before sending, because a message the library cannot encode costs the
/// connection.
enum MessageLimits {
    /// The most bytes a short string (a name, a key, most properties) can have.
    static let shortStringBytes = 255

    /// The frame size asked for; headers must fit in one frame.
    static let frameBytes = 131_072

    /// The room for header tables in a frame, with all other properties at their longest left aside.
    static let headerTableBytes = frameBytes - 4096

    /// The depth to which tables and arrays are read into one another: whoever walks them recurses.
    static let tableDepth = 64

    /// The longest body that is taken in: RabbitMQ's own default limit. A broker that sends more would fill our memory.
    static let inboundBodyBytes: UInt64 = 128 << 20

    /// Throws ``RabbitMQError/Kind/invalidMessage`` naming the first field that cannot be sent.
    static func check(_ message: RabbitMQMessage) throws(RabbitMQError) {
        let properties = message.properties
        try checkShortString(message.exchange, "exchange")
        try checkShortString(message.routingKey, "routing key")
        try checkShortString(properties.contentType, "content type")
        try checkShortString(properties.contentEncoding, "content encoding")
        try checkShortString(properties.messageID, "message id")
        try checkShortString(properties.correlationID, "correlation id")
        try checkShortString(properties.type, "type")
        try checkShortString(properties.appID, "app id")
        try checkShortString(properties.replyTo, "reply-to")
        if properties.headers.isEmpty { return }
        try checkTable(properties.headers, "headers")
    }

    /// Throws ``RabbitMQError/Kind/invalidMessage`` if the string does not fit a short string.
    static func checkShortString(_ value: String?, _ field: String) throws(RabbitMQError) {
        guard let value, value.utf8.count > shortStringBytes else { return }
        throw RabbitMQError(
            .invalidMessage, "\(field) has \(value.utf8.count) bytes, at most \(shortStringBytes) can be sent")
    }

    /// Throws ``RabbitMQError/Kind/invalidMessage`` if a table cannot be sent.
    static func checkTable(_ table: [String: HeaderValue], _ field: String) throws(RabbitMQError) {
        if let key = HeaderValue.overlongKey(in: table) {
            throw RabbitMQError(
                .invalidMessage, "\(field): key \(key.prefix(40))… is longer than \(shortStringBytes) bytes")
        }
        let length = HeaderValue.encodedLength(of: table)
        if length > headerTableBytes {
            throw RabbitMQError(.invalidMessage, "\(field): \(length) bytes, at most \(headerTableBytes) can be sent")
        }
    }
}
