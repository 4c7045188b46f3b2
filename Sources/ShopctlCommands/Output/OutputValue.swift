/// A piece of a command's result, before it is known how it will be written. Members keep their order.
enum OutputValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A number with a fraction; what is none or endless is written as null.
    case decimal(Double)
    case text(String)
    case list([OutputValue])
    case record(OutputRecord)

    static func optional(_ text: String?) -> OutputValue { text.map(OutputValue.text) ?? .null }
    static func optional(_ number: Int64?) -> OutputValue { number.map(OutputValue.integer) ?? .null }
    static func optional(_ number: Double?) -> OutputValue { number.map(OutputValue.decimal) ?? .null }
    static func optional(_ record: OutputRecord?) -> OutputValue { record.map(OutputValue.record) ?? .null }
    static func texts(_ texts: [String]) -> OutputValue { .list(texts.map(OutputValue.text)) }
    static func records(_ records: [OutputRecord]) -> OutputValue { .list(records.map(OutputValue.record)) }
    static func count(_ count: Int) -> OutputValue { .integer(Int64(count)) }
}

/// Named values in order.
struct OutputRecord: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    struct Member: Sendable, Equatable {
        let name: String
        let value: OutputValue
    }

    var members: [Member]

    init(dictionaryLiteral elements: (String, OutputValue)...) {
        members = elements.map { Member(name: $0, value: $1) }
    }

    /// The same with a member put first.
    func led(by name: String, _ value: OutputValue) -> OutputRecord {
        var copy = self
        copy.members.insert(Member(name: name, value: value), at: 0)
        return copy
    }

    subscript(_ name: String) -> OutputValue? { members.first { $0.name == name }?.value }
}

extension OutputValue: ExpressibleByIntegerLiteral {
    init(integerLiteral value: Int64) { self = .integer(value) }
}
