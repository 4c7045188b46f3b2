/// One SQL statement with its bound parameters.
///
/// Values interpolated into the literal become parameters, never text:
/// ```swift
/// let query: PostgresQuery = "SELECT name FROM products WHERE id = \(id)"   // … WHERE id = $1
/// ```
/// Strings are bound without a type, so that the server takes it from the place they stand in (an enum, a
/// `uuid` column). Where no place tells, as in `jsonb_build_object('a', $1)`, cast in the SQL: `\(name)::text`.
public struct PostgresQuery: Sendable, ExpressibleByStringInterpolation {
    /// The statement's text with `$1`, `$2`, … for the parameters.
    public private(set) var sql: String
    private(set) var parameters: ParameterList
    private(set) var isDeclaredReadOnly = false

    /// Takes trusted SQL text; values are appended with ``bind(_:)`` and named `$1`, `$2`, … in the text.
    public init(unsafeSQL sql: String) {
        self.sql = sql
        self.parameters = ParameterList()
    }

    public init(stringLiteral value: String) {
        self.init(unsafeSQL: value)
    }

    public init(stringInterpolation: StringInterpolation) {
        self.sql = stringInterpolation.sql
        self.parameters = stringInterpolation.parameters
    }

    /// Appends the value of the next parameter.
    public mutating func bind(_ value: some PostgresEncodable) {
        parameters.append(value)
    }

    /// The same query, declared to change nothing: when its answer is lost it may be tried again. Where it is a
    /// transaction of its own the server refuses what it would write.
    ///
    /// A statement that by its text reads, and calls only well-known functions of PostgreSQL, needs no declaration; any
    /// other, such as `SELECT f()`, is taken for a write.
    public func readOnly() -> PostgresQuery {
        var copy = self
        copy.isDeclaredReadOnly = true
        return copy
    }

    /// Builds the text and the parameters of a query from a string literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        var sql: String
        var parameters = ParameterList()

        public init(literalCapacity: Int, interpolationCount: Int) {
            sql = ""
            sql.reserveCapacity(literalCapacity + interpolationCount * 3)
        }

        public mutating func appendLiteral(_ literal: String) {
            sql.append(literal)
        }

        /// Binds a value.
        public mutating func appendInterpolation(_ value: some PostgresEncodable) {
            parameters.append(value)
            sql.append("$")
            sql.append(String(parameters.count))
        }

        /// Binds a value or SQL `NULL`.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            parameters.append(value)
            sql.append("$")
            sql.append(String(parameters.count))
        }

        /// Inserts trusted SQL text as it is.
        public mutating func appendInterpolation(unescaped text: String) {
            sql.append(text)
        }
    }
}

extension PostgresQuery: CustomStringConvertible {
    /// The SQL text; parameters' values are never shown.
    public var description: String { sql }
}

extension PostgresQuery {
    /// The fault that keeps the query from being sent, if anything.
    var refusal: String? {
        if let refusal = parameters.refusal { return refusal }
        if parameters.count > 65535 { return "\(parameters.count) parameters; PostgreSQL takes at most 65535" }
        if sql.utf8.contains(0) { return "the SQL text contains a NUL character" }
        return nil
    }

    /// The statement's first word in capitals, past white space and comments.
    var leadingKeyword: String {
        var bytes = sql.utf8[...]
        while let first = bytes.first {
            if first == UInt8(ascii: " ") || (9...13).contains(first) || first == UInt8(ascii: "(") {
                bytes = bytes.dropFirst()
            } else if bytes.starts(with: "--".utf8) {
                bytes = bytes.drop { $0 != UInt8(ascii: "\n") }
            } else if bytes.starts(with: "/*".utf8) {
                bytes = bytes.dropFirst(2)
                while !bytes.isEmpty, !bytes.starts(with: "*/".utf8) { bytes = bytes.dropFirst() }
                bytes = bytes.dropFirst(2)
            } else {
                break
            }
        }
        let isLetter: (UInt8) -> Bool = { (65...90).contains($0 & 0xDF) }
        return String(decoding: bytes.prefix(while: isLetter), as: UTF8.self).uppercased()
    }
}
