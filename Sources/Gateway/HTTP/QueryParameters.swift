import Hosting
import Hummingbird
import Telemetry

/// The part that follows the `?` of a request's URL. Collects what is wrong with the parameters that are asked for, so
/// that the client learns of all of it at once; parameters that nobody asks for are ignored.
struct QueryParameters {
    private var values: [String: [String?]] = [:]
    private var checks = FieldChecks()

    init(_ request: Request) {
        self.init(query: request.uri.query ?? "")
    }

    /// Reads `name=value` pairs as browsers write them: `+` is a space, everything else may be a `%XX` escape.
    init(query: String) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.unescaped(parts[0]) else { continue }
            values[name, default: []].append(parts.count == 2 ? Self.unescaped(parts[1]) : "")
        }
    }

    /// Whether any of the parameters is there, whatever its value.
    func hasAny(of names: String...) -> Bool {
        names.contains { values[$0] != nil }
    }

    /// Text of at most `limit` characters on one line; nil when it is absent or empty.
    mutating func text(_ name: String, limit: Int) -> String? {
        guard let value = single(name), !value.isEmpty else { return nil }
        checks.text(value, name, length: 1...limit)
        return value
    }

    /// A whole number in plain decimal digits; nil when it is absent.
    mutating func integer(_ name: String, _ range: ClosedRange<Int64>) -> Int64? {
        guard let value = single(name) else { return nil }
        guard value.utf8.first != UInt8(ascii: "+"), let number = Int64(value), range.contains(number) else {
            let upper = range.upperBound == .max ? "or more, of at most 64 bits" : "to \(range.upperBound)"
            note(name, "must be a whole number, \(range.lowerBound) \(upper)")
            return nil
        }
        return number
    }

    /// `true` or `false`; false when it is absent.
    mutating func flag(_ name: String) -> Bool {
        choice(name, ["true": true, "false": false]) ?? false
    }

    /// One of some words; nil when it is absent.
    mutating func choice<Value>(_ name: String, _ choices: KeyValuePairs<String, Value>) -> Value? {
        choice(name, among: choices.map { ($0.key, $0.value) })
    }

    /// One of a type's words; nil when it is absent.
    mutating func choice<Value: RawRepresentable<String> & CaseIterable>(_ name: String, of: Value.Type) -> Value? {
        choice(name, among: Value.allCases.map { ($0.rawValue, $0) })
    }

    private mutating func choice<Value>(_ name: String, among choices: [(word: String, value: Value)]) -> Value? {
        guard let value = single(name) else { return nil }
        if let choice = choices.first(where: { $0.word == value }) { return choice.value }
        note(name, "must be one of \(choices.map(\.word).joined(separator: ", "))")
        return nil
    }

    /// Notes that a parameter is not as it should be, unless `holds`.
    mutating func require(_ holds: Bool, _ name: String, _ detail: String) {
        checks.require(holds, name, detail)
    }

    /// Throws all that was noted as one ``Problem``, if there is any.
    func finish() throws(Problem) {
        try checks.finish()
    }

    private mutating func single(_ name: String) -> String? {
        guard let given = values[name] else { return nil }
        guard given.count == 1 else {
            note(name, "must be given once")
            return nil
        }
        if given[0] == nil {
            let marks = StreamSafeText.limit
            note(name, "must be UTF-8 in %XX escapes, with at most \(marks) combining marks on a letter")
        }
        return given[0]
    }

    private mutating func note(_ name: String, _ detail: String) {
        checks.require(false, name, detail)
    }

    /// Nil for what is no text, or none that can be looked up in time that grows with its length.
    private static func unescaped(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEscapes().flatMap { StreamSafeText.holds($0) ? $0 : nil }
    }
}

extension QueryParameters {
    /// The number of entries that a page may have; 0, the service's usual number, when it is absent.
    mutating func limit() -> Int64 {
        integer("limit", 1...200) ?? 0
    }

    /// The beginning of a page: what the previous one gave as `next_cursor`; empty for the first.
    mutating func cursor() -> String {
        text("cursor", limit: 4096) ?? ""
    }
}

/// The beginning of the next page, as it travels: null on the last page.
struct NextCursor: JSONWritable, Sendable {
    let cursor: String

    init(_ cursor: String) {
        self.cursor = cursor
    }

    func write(to json: inout JSONWriter) {
        if cursor.isEmpty { json.null() } else { json.string(cursor) }
    }
}
