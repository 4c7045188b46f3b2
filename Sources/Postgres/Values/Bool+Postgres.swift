extension Bool: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .bool }
    public static var postgresArrayType: PostgresType { .boolArray }

    public func encode(into buffer: inout PostgresValueBuffer) { buffer.append(bigEndian: UInt8(self ? 1 : 0)) }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Bool {
        guard cell.type == .bool else { throw cell.mismatch("Bool") }
        return try cell.integer(UInt8.self) != 0
    }
}
