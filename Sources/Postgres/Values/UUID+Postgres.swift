public import FoundationEssentials

extension UUID: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .uuid }
    public static var postgresArrayType: PostgresType { .uuidArray }

    public func encode(into buffer: inout PostgresValueBuffer) {
        withUnsafeBytes(of: uuid) { buffer.append($0) }
    }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> UUID {
        guard cell.type == .uuid else { throw cell.mismatch("UUID") }
        let bytes = try cell.nonNull()
        guard bytes.count == 16 else { throw PostgresDecodingFailure("has \(bytes.count) bytes, 16 expected") }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}
