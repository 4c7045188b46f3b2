import FoundationEssentials
import RabbitMQ
import Telemetry

/// Messages of one type that travel as one AMQP message: what a broker does for a message, and what its sender and its
/// recipients do, is then done once for all of them.
///
/// Its type is theirs with `.batch` behind, its routing key theirs as it is. The body is JSON Lines: the first line
/// tells what else travels in properties and headers, and each line after it is the body of a message. What fails goes
/// on alone, so a batch counts no attempts.
enum MessageBatch {
    /// The end of a batch's type. To a program that knows no batches that is an unknown type: it waits for one that does,
    /// for as long as its attempts last.
    static let typeSuffix = ".batch"
    /// The most messages in a batch.
    static let messageLimit = 128
    /// The most bytes that the bodies of a batch have together, unless it is a single one.
    static let bodyLimit = 256 << 10

    private static let newline = UInt8(ascii: "\n")

    /// The first line of the body.
    private struct Head: Codable {
        var schemaVersion = SchemaVersion()
        var messages: [Item]

        enum CodingKeys: String, CodingKey {
            case schemaVersion = "schema_version"
            case messages
        }
    }

    private struct Item: Codable {
        let messageID: String
        let correlationID: String?
        let causationID: String?
        /// Seconds since 1970, as AMQP counts.
        let timestamp: Int64
        let traceparent: String?

        enum CodingKeys: String, CodingKey {
            case messageID = "message_id"
            case correlationID = "correlation_id"
            case causationID = "causation_id"
            case timestamp, traceparent
        }
    }

    /// The type of the messages that an AMQP message of this type carries.
    static func type(_ type: String) -> String {
        type.hasSuffix(typeSuffix) ? String(type.dropLast(typeSuffix.count)) : type
    }

    /// Divides messages into those that travel together, each share in the order in which they came.
    static func shares(of messages: [Envelope]) -> [[Envelope]] {
        if messages.count == 1 { return [messages] }
        var shares: [[Envelope]] = []
        /// The share of a type that takes more, and the bytes of its bodies.
        var open: [String: (index: Int, bytes: Int)] = [:]
        for message in messages {
            guard message.attempt == 0, !message.body.contains(newline) else {
                shares.append([message])
                continue
            }
            if let (index, bytes) = open[message.type], shares[index].count < messageLimit,
                bytes + message.body.count <= bodyLimit
            {
                shares[index].append(message)
                open[message.type] = (index, bytes + message.body.count)
            } else {
                open[message.type] = (shares.count, message.body.count)
                shares.append([message])
            }
        }
        return shares
    }

    /// The envelope of several messages of one type and sender.
    static func envelope(of messages: [Envelope]) throws -> Envelope {
        precondition(!messages.isEmpty, "a batch holds messages")
        let head = Head(
            messages: messages.map { message in
                Item(
                    messageID: WireFormat.text(message.messageID),
                    correlationID: message.correlationID.map(WireFormat.text),
                    causationID: message.causationID.map(WireFormat.text),
                    timestamp: Int64(message.timestamp.timeIntervalSince1970), traceparent: message.traceparent)
            })
        var body = try MessageCoding.encode(head)
        body.reserveCapacity(messages.reduce(body.count) { $0 + $1.body.count + 1 })
        for message in messages {
            body.append(newline)
            body += message.body
        }
        return Envelope(
            messageID: UUID.random(), type: messages[0].type + typeSuffix, appID: messages[0].appID,
            timestamp: messages[0].timestamp, body: body)
    }

    /// The messages of an envelope: itself, if it is not a batch.
    ///
    /// - Throws: ``MessageRejection`` of class `undecodable` or `newer_version`, for the batch as a whole.
    static func messages(of envelope: Envelope) throws(MessageRejection) -> [Envelope] {
        guard envelope.type.hasSuffix(typeSuffix) else { return [envelope] }
        let lines = envelope.body.split(separator: newline, omittingEmptySubsequences: false)
        var first = envelope
        first.body = Array(lines[0])
        let items = try first.decode(Head.self).messages
        guard !items.isEmpty, items.count == lines.count - 1 else {
            throw MessageRejection(
                .undecodable, "\(envelope.type): \(items.count) messages, and \(lines.count - 1) bodies")
        }
        let type = type(envelope.type)
        var messages: [Envelope] = []
        messages.reserveCapacity(items.count)
        for (item, body) in zip(items, lines.dropFirst()) {
            guard let id = UUID(uuidString: item.messageID) else {
                throw MessageRejection(.undecodable, "\(envelope.type): a message_id is not a UUID")
            }
            messages.append(
                Envelope(
                    messageID: id, type: type, correlationID: try uuid(item.correlationID, "correlation_id", envelope),
                    causationID: item.causationID.flatMap(UUID.init(uuidString:)), appID: envelope.appID,
                    timestamp: Date(timeIntervalSince1970: Double(item.timestamp)), lastError: envelope.lastError,
                    failures: envelope.failures, traceparent: item.traceparent,
                    body: Array(body)))
        }
        return messages
    }

    private static func uuid(
        _ text: String?, _ name: String, _ envelope: Envelope
    ) throws(MessageRejection) -> UUID? {
        guard let text else { return nil }
        guard let id = UUID(uuidString: text) else {
            throw MessageRejection(.undecodable, "\(envelope.type): a \(name) is not a UUID")
        }
        return id
    }
}
