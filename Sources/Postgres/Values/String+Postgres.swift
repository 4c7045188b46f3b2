/// A string is bound in text form without a type: the server reads it as what its place needs.
extension String: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .inferred }
    public static var postgresFormat: PostgresFormat { .text }
    public static var postgresElementType: PostgresType { .text }
    public static var postgresArrayType: PostgresType { .textArray }

    public func encode(into buffer: inout PostgresValueBuffer) { buffer.append(utf8) }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> String {
        var bytes = try cell.nonNull()
        switch cell.type {
        case .text, .varchar, .bpchar, .name, .char, .unknown, .json, .xml: break
        case .jsonb: bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        default:
            // Enums and other types of the database's own (citext, say) are sent as their text.
            guard cell.type.isUserDefined else { throw cell.mismatch("String (cast it to text in the SQL)") }
        }
        guard let string = String(validating: bytes, as: UTF8.self) else {
            throw PostgresDecodingFailure("is not valid UTF-8")
        }
        return string
    }
}
