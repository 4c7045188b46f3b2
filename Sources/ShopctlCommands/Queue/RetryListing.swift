import Events
import RabbitMQ

/// The messages of a service that have failed and wait to be tried again.
struct RetryListing: Report {
    let service: String
    let messages: [RetriedMessage]
    /// The number of messages.
    let total: Int
    /// Whether some were chosen.
    var isFiltered = false

    var body: ReportBody {
        .one([
            "service": .text(service),
            "total": .count(total),
            "messages": .records(
                messages.map { message in
                    let properties = message.delivery.properties
                    return [
                        "message_id": .optional(properties.messageID),
                        "type": .optional(properties.type),
                        "saga_id": .optional(properties.correlationID),
                        "sender": .optional(properties.appID),
                        "routing_key": .optional(message.delivery.senderRoutingKey),
                        "failures": .count(message.failures),
                        "last_error": .optional(message.lastError),
                        "delay": .text(message.delay.rawValue),
                        "sent_at": Timestamp.value(properties.timestamp),
                    ]
                }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        guard total > 0 else { return "no \(isFiltered ? "such " : "")message of \(service) waits to be tried again\n" }
        var text = ""
        for message in messages {
            let properties = message.delivery.properties
            text += style.bold(Printable.line(properties.messageID ?? "(no message id)"))
            text += "  \(Printable.line(properties.type ?? "(no type)"))\n"
            text += "  failed  \(message.failures) \(message.failures == 1 ? "time" : "times"),"
            text += " and is tried again within \(message.delay.rawValue)\n"
            text += "  error   \(style.apply(.red, Printable.line(message.lastError ?? "not told")))\n"
            text += "  saga    \(Printable.line(properties.correlationID ?? "-"))"
            text += "  from \(Printable.line(properties.appID ?? "-"))\n"
            if style.isWide { text += "  key     \(Printable.line(message.delivery.senderRoutingKey ?? "-"))\n" }
        }
        guard let seen = WaitingMessages(messages, limit: .max), seen.copies > seen.messages else {
            return text + "\(messages.count) of \(total)\n"
        }
        // Each time a saga asks anew the same message comes once more.
        return text + (seen.copies < total ? "\(seen.text), \(seen.copies) of \(total)\n" : "\(seen.text)\n")
    }
}
