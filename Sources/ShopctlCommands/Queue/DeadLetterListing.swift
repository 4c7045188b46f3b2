import Events
import FoundationEssentials
import RabbitMQ

/// A service's dead letters.
struct DeadLetterListing: ListReport {
    let service: String
    let letters: [Delivery]
    let page: Page?
    /// Whether some were chosen.
    var isFiltered = false

    var body: ReportBody { .many("dead_letters", letters.map(Self.record)) }

    static func record(_ delivery: Delivery) -> OutputRecord {
        let deadLetter = DeadLetter(delivery)
        let properties = delivery.properties
        let text = String(validating: delivery.body, as: UTF8.self)
        return [
            "message_id": .optional(properties.messageID),
            "type": .optional(properties.type),
            "saga_id": .optional(properties.correlationID),
            "sender": .optional(properties.appID),
            "routing_key": .optional(delivery.senderRoutingKey),
            "service": .text(deadLetter.service),
            "error_class": .text(deadLetter.errorClass),
            "reason": .text(deadLetter.reason),
            "attempts": .integer(Self.attempts(delivery)),
            "sent_at": Timestamp.value(properties.timestamp),
            "died_at": .optional(Self.time(of: deadLetter)),
            "body": .optional(text),
            "body_base64": text == nil ? .text(Data(delivery.body).base64EncodedString()) : .null,
        ]
    }

    /// The number of times it was tried before it was given up on.
    static func attempts(_ delivery: Delivery) -> Int64 {
        Int64(WireFormat.attempts(before: delivery)) + 1
    }

    private static func time(of letter: DeadLetter) -> String? {
        letter.diedAt.map(Timestamp.text)
    }

    static var columns: [Table.Column] {
        [
            .left("MESSAGE", "message_id"), .left("TYPE"), .left("SAGA", "saga_id"), .left("SENDER"),
            .left("ROUTING KEY", extra: true), .left("SERVICE"), .left("CLASS", "error_class"), .left("REASON"),
            .right("TRIES", "attempts"), .left("SENT", "sent_at"),
            .left("DIED", "died_at"), .left("BODY"),
        ]
    }

    private func chosen(_ style: TextStyle) -> String {
        var table = Table(columns)
        for delivery in letters {
            let (letter, properties) = (DeadLetter(delivery), delivery.properties)
            table.add([
                .id(properties.messageID ?? ""), .plain(properties.type ?? "-"), .id(properties.correlationID ?? ""),
                .plain(properties.appID ?? "-"), .plain(delivery.senderRoutingKey ?? "-"), .plain(letter.service),
                .styled(letter.errorClass, .red),
                .plain(letter.reason), .plain(String(Self.attempts(delivery))), .time(properties.timestamp),
                .time(letter.diedAt), .plain(Self.shownBody(delivery.body)),
            ])
        }
        return table.text(style)
    }

    func table(_ style: TextStyle) -> String {
        if style.columns != nil { return chosen(style) }
        guard !letters.isEmpty else { return "\(service) has no \(isFiltered ? "such " : "")dead letters\n" }
        var text = ""
        for delivery in letters {
            let deadLetter = DeadLetter(delivery)
            let died = deadLetter.diedAt.map(style.time) ?? "at an unknown time"
            let tries = Self.attempts(delivery)
            let id = delivery.properties.messageID ?? "(no message id: chosen by --filter body=TEXT)"
            text += style.bold(Printable.line(id))
            text += "  \(Printable.line(delivery.properties.type ?? "(no type)"))\n"
            text += "  died    \(died) after \(tries) \(tries == 1 ? "try" : "tries")\n"
            text +=
                "  \(style.apply(.red, Printable.line(deadLetter.errorClass)))  \(Printable.line(deadLetter.reason))\n"
            text += "  saga    \(Printable.line(delivery.properties.correlationID ?? "-"))"
            text += "  from \(Printable.line(delivery.properties.appID ?? "-"))\n"
            if style.isWide { text += "  key     \(Printable.line(delivery.senderRoutingKey ?? "-"))\n" }
            text += "  body    \(Self.shownBody(delivery.body))\n"
        }
        for (index, command) in commands.enumerated() {
            text += "\(index == 0 ? "next" : "then"): \(Printable.line(command))\n"
        }
        return text
    }

    /// The class of letters that nobody can read, however often they are sent.
    static let hopeless = "undecodable"

    /// The commands that letters lead to. What breaks a rule breaks it again until its saga is put right, and what
    /// cannot be read dies again whenever it is sent back.
    private var commands: [String] {
        let dead = letters.map { (letter: $0, errorClass: DeadLetter($0).errorClass) }
        let saga = dead.first { $0.errorClass == "protocol_violation" }?.letter.sagaOfMessage
        let others = Set(dead.map(\.errorClass)).subtracting([Self.hopeless]).sorted()
        let hasHopeless = dead.contains { $0.errorClass == Self.hopeless }
        var commands = saga.map { ["shopctl saga inspect \($0)"] } ?? []
        if !others.isEmpty {
            let chosen = hasHopeless ? others.map { " --filter reason=\(ShellText.word($0))" }.joined() : ""
            commands.append("shopctl queue replay \(service)\(chosen)")
        }
        if hasHopeless {
            let chosen = "--filter reason=\(Self.hopeless)"
            commands += [
                "shopctl queue export \(service) \(chosen) > \(service).jsonl",
                "shopctl queue drop \(service) \(chosen) --reason \"it cannot be read\" --dry-run",
            ]
        }
        return commands
    }

    private static func shownBody(_ body: [UInt8]) -> String {
        guard let text = String(validating: body, as: UTF8.self) else { return "\(body.count) bytes that are no text" }
        let line = Printable.line(text)
        return line.count <= 300 ? line : "\(line.prefix(300))… (\(body.count) bytes)"
    }
}

extension Delivery {
    /// The id of the saga that the message is a step of; nil for an event, or for an id that is none.
    var sagaOfMessage: String? {
        guard properties.type?.hasPrefix("saga.") == true else { return nil }
        return properties.correlationID.flatMap { UUID(uuidString: $0) }?.uuidString.lowercased()
    }
}
