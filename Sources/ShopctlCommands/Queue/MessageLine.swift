import Events
import FoundationEssentials
import RabbitMQ

/// A dead letter as a line of a file.
struct MessageLine: Sendable, Equatable {
    /// The service whose dead letters it is of.
    var service: ServiceTopology
    var properties: MessageProperties
    var body: [UInt8]

    static func == (one: MessageLine, other: MessageLine) -> Bool {
        one.service.service == other.service.service && one.properties == other.properties && one.body == other.body
    }

    init(service: ServiceTopology, properties: MessageProperties, body: [UInt8]) {
        self.service = service
        self.properties = properties
        self.body = body
    }

    /// A letter as it would be after one more look.
    init(_ letter: Delivery, of service: ServiceTopology) {
        let message = DeadLetter.copy(letter, to: service.dead)
        self.init(service: service, properties: message.properties, body: message.body)
    }

    var record: OutputRecord {
        let text = String(validating: body, as: UTF8.self)
        return [
            "service": .text(service.service),
            "queue": .text(service.dead),
            "properties": .record([
                "message_id": .optional(properties.messageID),
                "type": .optional(properties.type),
                "correlation_id": .optional(properties.correlationID),
                "app_id": .optional(properties.appID),
                "timestamp": Timestamp.value(properties.timestamp),
                "content_type": .optional(properties.contentType),
                "content_encoding": .optional(properties.contentEncoding),
                "reply_to": .optional(properties.replyTo),
                "priority": .optional(properties.priority.map { Int64($0) }),
            ]),
            "headers": .record(Self.record(properties.headers)),
            "body": .optional(text),
            "body_base64": text == nil ? .text(Data(body).base64EncodedString()) : .null,
        ]
    }

    private static func record(_ headers: [String: HeaderValue]) -> OutputRecord {
        var record = OutputRecord()
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            record.members.append(.init(name: name, value: output(value)))
        }
        return record
    }

    /// A header: what JSON has no kind for stands in an object under the name of its kind.
    private static func output(_ value: HeaderValue) -> OutputValue {
        switch value {
        case .string(let text): .text(text)
        case .int(let number): .integer(number)
        case .bool(let flag): .bool(flag)
        case .null: .null
        case .double(let number): .record(["double": .text("\(number)")])
        case .timestamp(let date): .record(["timestamp": .text(Timestamp.text(date))])
        case .bytes(let bytes): .record(["bytes": .text(Data(bytes).base64EncodedString())])
        case .table(let table): .record(["table": .record(record(table))])
        case .array(let values): .record(["array": .list(values.map(output))])
        }
    }
}
