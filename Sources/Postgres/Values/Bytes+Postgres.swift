public import FoundationEssentials

/// An array of bytes is a `bytea`, not an array of numbers.
extension UInt8: PostgresArrayStorable {
    public static var postgresArrayType: PostgresType { .bytea }

    public static func encodeArray(_ array: [UInt8], into buffer: inout PostgresValueBuffer) {
        buffer.append(array)
    }

    public static func decodeArray(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> [UInt8] {
        guard cell.type == .bytea else { throw cell.mismatch("bytes") }
        return Array(try cell.nonNull())
    }
}

extension Array: PostgresArrayElement where Element == UInt8 {}

extension Data: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .bytea }
    public static var postgresArrayType: PostgresType { .byteaArray }

    public func encode(into buffer: inout PostgresValueBuffer) { buffer.append(self) }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Data {
        guard cell.type == .bytea else { throw cell.mismatch("Data") }
        return Data(try cell.nonNull())
    }
}
