import CRabbitMQ
import DriverSupport
import FoundationEssentials

extension MessageProperties {
    /// Copies what the library decoded.
    init(_ wire: amqp_basic_properties_t) {
        let flags = wire._flags
        func text(_ flag: Int32, _ bytes: amqp_bytes_t) -> String? {
            flags & UInt32(flag) == 0 ? nil : bytes.string
        }
        self.init(
            contentType: text(AMQP_BASIC_CONTENT_TYPE_FLAG, wire.content_type),
            contentEncoding: text(AMQP_BASIC_CONTENT_ENCODING_FLAG, wire.content_encoding),
            messageID: text(AMQP_BASIC_MESSAGE_ID_FLAG, wire.message_id),
            correlationID: text(AMQP_BASIC_CORRELATION_ID_FLAG, wire.correlation_id),
            type: text(AMQP_BASIC_TYPE_FLAG, wire.type),
            appID: text(AMQP_BASIC_APP_ID_FLAG, wire.app_id),
            replyTo: text(AMQP_BASIC_REPLY_TO_FLAG, wire.reply_to),
            timestamp: flags & UInt32(AMQP_BASIC_TIMESTAMP_FLAG) == 0 ? nil : Date(wireSeconds: wire.timestamp),
            persistent: flags & UInt32(AMQP_BASIC_DELIVERY_MODE_FLAG) != 0 && wire.delivery_mode == 2,
            priority: flags & UInt32(AMQP_BASIC_PRIORITY_FLAG) == 0 ? nil : wire.priority,
            expiration: text(AMQP_BASIC_EXPIRATION_FLAG, wire.expiration).flatMap { Int64($0) }
                .map { .milliseconds($0) },
            headers: flags & UInt32(AMQP_BASIC_HEADERS_FLAG) == 0 ? [:] : wire.headers.dictionary)
    }

    /// The library's form; its pointers lead into `memory`.
    func wire(in memory: AMQPMemory) -> amqp_basic_properties_t {
        var wire = amqp_basic_properties_t()
        var flags = AMQP_BASIC_DELIVERY_MODE_FLAG
        func put(_ flag: Int32, _ value: String?, _ field: inout amqp_bytes_t) {
            guard let value else { return }
            flags |= flag
            field = memory.bytes(value)
        }
        put(AMQP_BASIC_CONTENT_TYPE_FLAG, contentType, &wire.content_type)
        put(AMQP_BASIC_CONTENT_ENCODING_FLAG, contentEncoding, &wire.content_encoding)
        put(AMQP_BASIC_MESSAGE_ID_FLAG, messageID, &wire.message_id)
        put(AMQP_BASIC_CORRELATION_ID_FLAG, correlationID, &wire.correlation_id)
        put(AMQP_BASIC_TYPE_FLAG, type, &wire.type)
        put(AMQP_BASIC_APP_ID_FLAG, appID, &wire.app_id)
        put(AMQP_BASIC_REPLY_TO_FLAG, replyTo, &wire.reply_to)
        wire.delivery_mode = persistent ? 2 : 1
        if let timestamp {
            flags |= AMQP_BASIC_TIMESTAMP_FLAG
            wire.timestamp = timestamp.wireSeconds
        }
        if let priority {
            flags |= AMQP_BASIC_PRIORITY_FLAG
            wire.priority = priority
        }
        if let expiration {
            put(AMQP_BASIC_EXPIRATION_FLAG, String(max(expiration.wholeMilliseconds, 0)), &wire.expiration)
        }
        if !headers.isEmpty {
            flags |= AMQP_BASIC_HEADERS_FLAG
            wire.headers = memory.table(headers)
        }
        wire._flags = UInt32(flags)
        return wire
    }
}
