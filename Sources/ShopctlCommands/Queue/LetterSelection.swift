import ArgumentParser
import Events
import FoundationEssentials
import RabbitMQ

/// A condition on dead letters, as `--filter` takes it.
enum LetterFilter: Sendable, Equatable {
    /// The type of its messages; with `*` at the end, the beginning of it.
    case type(String)
    /// Its error class, or a part of the reason.
    case reason(String)
    /// The id of a saga that it belongs to, or its beginning.
    case saga(String)
    /// A part of its body: names one that has no id.
    case body(String)
    /// Dead for longer, or for less long. A letter that does not tell when it died is neither.
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

    fileprivate func holds(for letter: DeadLetter, _ delivery: Delivery, now: Date) -> Bool {
        switch self {
        case .type(let value):
            guard let type = letter.messageType else { return false }
            return value.hasSuffix("*") ? type.hasPrefix(value.dropLast()) : type == value
        case .reason(let value):
            return letter.errorClass.lowercased() == value || letter.reason.lowercased().contains(value)
        case .saga(let value): return letter.sagaIDs.contains { $0.uuidString.lowercased().hasPrefix(value) }
        case .body(let value): return String(decoding: delivery.body, as: UTF8.self).contains(value)
        case .older(let span): return letter.age(now).map { $0 > Double(span.seconds) } ?? false
        case .newer(let span): return letter.age(now).map { $0 <= Double(span.seconds) } ?? false
        }
    }
}

extension DeadLetter {
    /// The seconds since it was given up on; nil if it does not tell.
    fileprivate func age(_ now: Date) -> Double? { diedAt.map(now.timeIntervalSince) }
}

/// The conditions on dead letters that commands share.
struct LetterFilterOptions: ParsableArguments {
    @Option(
        name: .customLong("filter"),
        help: ArgumentHelp(
            """
            Only letters with type=TYPE (TYPE* for a beginning), reason=TEXT (the class, or a part of the reason), \
            saga=ID, body=TEXT (a part of it), older=SPAN or newer=SPAN; may be repeated: of one word any must hold, \
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
    private let filters: [[LetterFilter]]
    private let now: Date

    init(_ ids: [String] = [], _ filters: [LetterFilter] = [], now: Date) {
        beginnings = ids.map { $0.lowercased() }
        self.filters = Array(Dictionary(grouping: filters, by: \.word).values)
        self.now = now
    }

    /// The most letters that there can be; nil for any number.
    var most: Int? { beginnings.isEmpty || beginnings.contains { $0.count < 36 } ? nil : Set(beginnings).count }

    func contains(_ letter: Delivery) -> Bool {
        guard hasID(letter) else { return false }
        guard !filters.isEmpty else { return true }
        let dead = DeadLetter(letter)
        return filters.allSatisfy { any in any.contains { $0.holds(for: dead, letter, now: now) } }
    }

    private func hasID(_ letter: Delivery) -> Bool {
        guard !beginnings.isEmpty else { return true }
        let id = letter.properties.messageID?.lowercased() ?? ""
        return beginnings.contains { !$0.isEmpty && id.hasPrefix($0) }
    }
}
