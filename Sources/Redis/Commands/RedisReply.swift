/// Redis' answer to one command.
public enum RedisReply: Sendable, Equatable {
    /// No such value.
    case null
    /// A short text such as `OK`.
    case status(String)
    /// The command failed; the text begins with the error's code.
    case error(String)
    case integer(Int64)
    /// A value, binary-safe.
    case bytes([UInt8])
    case array([RedisReply])

    /// The bytes of a value; nil for every other reply.
    public var bytesValue: [UInt8]? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }

    /// A value or status as text; bytes that are no UTF-8 are replaced. Nil for every other reply.
    public var stringValue: String? {
        switch self {
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let status): status
        default: nil
        }
    }

    /// An integer, also one sent as a value's text; nil for every other reply.
    public var integerValue: Int64? {
        switch self {
        case .integer(let integer): integer
        case .bytes(let bytes): Int64(String(decoding: bytes, as: UTF8.self))
        default: nil
        }
    }

    /// The elements of an array; nil for every other reply.
    public var arrayValue: [RedisReply]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}
