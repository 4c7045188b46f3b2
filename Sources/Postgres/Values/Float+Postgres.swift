extension Float: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .float4 }
    public static var postgresArrayType: PostgresType { .float4Array }

    public func encode(into buffer: inout PostgresValueBuffer) { buffer.append(bigEndian: bitPattern) }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Float {
        guard cell.type == .float4 else { throw cell.mismatch("Float") }
        return Float(bitPattern: try cell.integer())
    }
}

extension Double: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .float8 }
    public static var postgresArrayType: PostgresType { .float8Array }

    public func encode(into buffer: inout PostgresValueBuffer) { buffer.append(bigEndian: bitPattern) }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Double {
        switch cell.type {
        case .float8: return Double(bitPattern: try cell.integer())
        case .float4: return Double(Float(bitPattern: try cell.integer()))
        case .numeric: return try Numeric(cell).double()
        default: throw cell.mismatch("Double")
        }
    }
}
