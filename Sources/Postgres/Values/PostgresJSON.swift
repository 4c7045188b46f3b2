public import FoundationEssentials

/// A JSON document as its bytes, for `jsonb` (and `json`) columns.
public struct PostgresJSON: Sendable, Hashable {
    /// The document's UTF-8 text.
    public var bytes: [UInt8]

    /// Takes the text of a document; the server checks it.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Takes the text of a document; the server checks it.
    public init(_ text: String) {
        self.bytes = Array(text.utf8)
    }

    /// Encodes a value.
    public init(encoding value: some Encodable, encoder: JSONEncoder = JSONEncoder()) throws {
        self.bytes = Array(try encoder.encode(value))
    }

    /// Decodes the document.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, decoder: JSONDecoder = JSONDecoder()
    ) throws -> Value {
        try decoder.decode(type, from: Data(bytes))
    }

    /// The document's text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension PostgresJSON: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .jsonb }
    public static var postgresArrayType: PostgresType { .jsonbArray }

    /// The only version of jsonb's binary form there is.
    private static let version: UInt8 = 1

    public func encode(into buffer: inout PostgresValueBuffer) {
        buffer.append(bigEndian: Self.version)
        buffer.append(bytes)
    }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> PostgresJSON {
        let bytes = try cell.nonNull()
        switch cell.type {
        case .jsonb:
            guard bytes.first == version else { throw PostgresDecodingFailure("is jsonb of an unknown version") }
            return PostgresJSON(bytes: Array(bytes.dropFirst()))
        case .json, .text: return PostgresJSON(bytes: Array(bytes))
        default: throw cell.mismatch("JSON")
        }
    }
}
