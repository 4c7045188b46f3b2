public import FoundationEssentials

/// One value in a table of message headers or of queue arguments.
public enum HeaderValue: Sendable, Equatable {
    /// A long string. On arrival, bytes that are not UTF-8 become ``bytes(_:)`` instead.
    case string(String)
    /// A 64-bit signed integer. Narrower ones arrive widened; an unsigned one above `Int64.max` is clamped.
    case int(Int64)
    /// A boolean.
    case bool(Bool)
    /// A 64-bit float. Single-precision and decimal values arrive converted.
    case double(Double)
    /// A moment, in whole seconds on the wire.
    case timestamp(Date)
    /// Raw bytes.
    case bytes([UInt8])
    /// A nested table. On arrival, what is nested more than 64 deep becomes ``null``.
    case table([String: HeaderValue])
    /// A list of values, which may be of different types.
    case array([HeaderValue])
    /// No value.
    case null
}

extension HeaderValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension HeaderValue {
    /// The string, if this is one.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The integer, if this is one.
    public var intValue: Int64? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The number of bytes the value takes on the wire, its type octet included.
    var encodedLength: Int {
        switch self {
        case .string(let value): 5 + value.utf8.count
        case .int, .double, .timestamp: 9
        case .bool: 2
        case .bytes(let value): 5 + value.count
        case .table(let table): 1 + HeaderValue.encodedLength(of: table)
        case .array(let values): values.reduce(5) { $0 + $1.encodedLength }
        case .null: 1
        }
    }

    /// The number of bytes a table takes on the wire, its length field included.
    static func encodedLength(of table: [String: HeaderValue]) -> Int {
        table.reduce(4) { $0 + 1 + $1.key.utf8.count + $1.value.encodedLength }
    }

    /// The first key, at any depth, that is too long for the wire.
    static func overlongKey(in table: [String: HeaderValue]) -> String? {
        for (key, value) in table {
            if key.utf8.count > MessageLimits.shortStringBytes { return key }
            if let nested = value.overlongKey { return nested }
        }
        return nil
    }

    private var overlongKey: String? {
        switch self {
        case .table(let table): Self.overlongKey(in: table)
        case .array(let values): values.lazy.compactMap(\.overlongKey).first
        default: nil
        }
    }
}
