import ArgumentParser
import Events
import FoundationEssentials
import RabbitMQ

/// A condition on dead letters, and on messages that are tried again, as `--filter` takes it.
enum LetterFilter: Sendable, Equatable {
    /// The type of its messages; with `*` at the end, the beginning of it.
    case type(String)
    /// Its error class, or a part of the reason: of a message that is tried again its last error.
    case reason(String)
    /// The id of a saga that it belongs to, or its beginning.
    case saga(String)
    /// A part of its body: names one that has no id.
    case body(String)
    /// Dead for longer, or for less long: of a message that is tried again since it failed last. One that does not tell
    /// since when is neither.
    case older(SpanArgument)
    case newer(SpanArgument)

    private static let forms = "type=TYPE, reason=TEXT, saga=ID, body=TEXT, older=SPAN or newer=SPAN"

    /// Reads a condition.
    ///
    /// - Throws: `ValidationError` that names what can be said.
    init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw ValidationError("say \(Self.forms)") }
        let value = parts[1]
        switch parts[0] {
        case "type": self = .type(value)
        case "reason": self = .reason(value.lowercased())
        case "body": self = .body(value)
        case "saga":
            guard value.count >= 8 else { throw ValidationError("say at least 8 characters of the saga's id") }
            self = .saga(value.lowercased())
        case "older", "newer":
            guard let span = SpanArgument(argument: value) else {
                throw ValidationError("'\(value)' is no span of time: 90s, 20m, 12h or 7d")
            }
            self = parts[0] == "older" ? .older(span) : .newer(span)
        default: throw ValidationError("there is no filter '\(parts[0])': say \(Self.forms)")
        }
    }

    /// The form in which it is given.
    var text: String {
        switch self {
        case .type(let value): "type=\(value)"
        case .reason(let value): "reason=\(value)"
        case .saga(let value): "saga=\(value)"
        case .body(let value): "body=\(value)"
        case .older(let span): "older=\(span)"
        case .newer(let span): "newer=\(span)"
        }
    }

    /// The word before the sign: of conditions with one word any must hold, of several words all.
    fileprivate var word: Substring { text.prefix { $0 != "=" } }

    fileprivate func holds(for message: FailedMessage, now: Date) -> Bool {
        switch self {
        case .type(let value):
            guard let type = message.type else { return false }
            return value.hasSuffix("*") ? type.hasPrefix(value.dropLast()) : type == value
        case .reason(let value):
            return message.errorClass?.lowercased() == value || message.reason?.lowercased().contains(value) == true
        case .saga(let value): return message.sagaIDs.contains { $0.uuidString.lowercased().hasPrefix(value) }
        case .body(let value): return String(decoding: message.delivery.body, as: UTF8.self).contains(value)
        case .older(let span): return message.age(now).map { $0 > Double(span.seconds) } ?? false
        case .newer(let span): return message.age(now).map { $0 <= Double(span.seconds) } ?? false
        }
    }
}

/// Facts of a dead letter, or of a message that is tried again, that conditions are on.
private struct FailedMessage {
    let delivery: Delivery
    let type: String?
    let sagaIDs: Set<UUID>
    /// Nil for what is tried again.
    let errorClass: String?
    let reason: String?
    /// The time at which it was given up on, or failed last.
    let failedAt: Date?

    init(letter delivery: Delivery) {
        let letter = DeadLetter(delivery)
        self.init(delivery, letter, letter.errorClass, letter.reason, letter.diedAt)
    }

    init(_ message: RetriedMessage) {
        self.init(message.delivery, DeadLetter(message.delivery), nil, message.lastError, message.failedAt)
    }

    private init(
        _ delivery: Delivery, _ letter: DeadLetter, _ errorClass: String?, _ reason: String?, _ failedAt: Date?
    ) {
        self.delivery = delivery
        (type, sagaIDs) = (letter.messageType, letter.sagaIDs)
        (self.errorClass, self.reason, self.failedAt) = (errorClass, reason, failedAt)
    }

    /// The seconds since it failed; nil if it does not tell.
    func age(_ now: Date) -> Double? { failedAt.map(now.timeIntervalSince) }
}

/// The conditions on dead letters that commands share.
struct LetterFilterOptions: ParsableArguments {
    @Option(
        name: .customLong("filter"),
        help: ArgumentHelp(
            """
            Only letters with type=TYPE (TYPE* for a beginning), reason=TEXT (the class, or a part of the reason or \
            of the last error), saga=ID, body=TEXT (a part of it), older=SPAN or newer=SPAN; may be repeated: of one word any must hold, \
            of several words all.
            """, valueName: "condition"),
        completion: .list(["type=", "reason=", "saga=", "body=", "older=", "newer="]), transform: LetterFilter.init)
    var filters: [LetterFilter] = []

    /// The same on a command line.
    var arguments: [String] { filters.flatMap { ["--filter", $0.text] } }
}

/// Letters by their ids or the beginnings of those, and by conditions; without any, all.
struct LetterSelection: Sendable {
    private let beginnings: [String]
    /// The ids in full, where they are known: then beginnings do not count.
    private var whole: Set<String>?
    private let filters: [[LetterFilter]]
    private let now: Date

    init(_ ids: [String] = [], _ filters: [LetterFilter] = [], now: Date) {
        beginnings = ids.map { $0.lowercased() }
        self.filters = Array(Dictionary(grouping: filters, by: \.word).values)
        self.now = now
    }

    /// The same letters by their whole ids; without any, none.
    func with(ids: Set<String>) -> LetterSelection {
        var selection = self
        selection.whole = ids
        return selection
    }

    /// The most letters that there can be; nil for any number.
    var most: Int? { beginnings.isEmpty || beginnings.contains { $0.count < 36 } ? nil : Set(beginnings).count }

    func contains(_ letter: Delivery) -> Bool {
        guard hasID(letter) else { return false }
        return filters.isEmpty || holds(for: FailedMessage(letter: letter))
    }

    /// The same, of a message that is tried again.
    func contains(_ message: RetriedMessage) -> Bool {
        guard hasID(message.delivery) else { return false }
        return filters.isEmpty || holds(for: FailedMessage(message))
    }

    private func holds(for message: FailedMessage) -> Bool {
        filters.allSatisfy { any in any.contains { $0.holds(for: message, now: now) } }
    }

    private func hasID(_ letter: Delivery) -> Bool {
        if let whole { return letter.properties.messageID.map(whole.contains) ?? false }
        guard !beginnings.isEmpty else { return true }
        let id = letter.properties.messageID?.lowercased() ?? ""
        return beginnings.contains { !$0.isEmpty && id.hasPrefix($0) }
    }
}
