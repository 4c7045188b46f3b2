extension Int16: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int2 }
    public static var postgresArrayType: PostgresType { .int2Array }

    public func encode(into buffer: inout PostgresValueBuffer) { buffer.append(bigEndian: self) }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Int16 {
        try narrowed(cell)
    }
}

extension Int32: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int4 }
    public static var postgresArrayType: PostgresType { .int4Array }

    public func encode(into buffer: inout PostgresValueBuffer) { buffer.append(bigEndian: self) }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Int32 {
        try narrowed(cell)
    }
}

extension Int64: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }

    public func encode(into buffer: inout PostgresValueBuffer) { buffer.append(bigEndian: self) }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Int64 {
        try decodeInteger(cell)
    }
}

/// `Int` is bound as `int8`.
extension Int: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }

    public func encode(into buffer: inout PostgresValueBuffer) { buffer.append(bigEndian: Int64(self)) }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Int {
        try narrowed(cell)
    }
}

/// Any integer column, and a `numeric` without a fraction (what `sum(int8)` gives).
private func decodeInteger(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Int64 {
    switch cell.type {
    case .int8: return try cell.integer(Int64.self)
    case .int4: return Int64(try cell.integer(Int32.self))
    case .int2: return Int64(try cell.integer(Int16.self))
    case .oid: return Int64(try cell.integer(UInt32.self))
    case .numeric: return try Numeric(cell).integer()
    default: throw cell.mismatch("an integer")
    }
}

private func narrowed<Integer: FixedWidthInteger>(
    _ cell: PostgresCell
) throws(PostgresDecodingFailure) -> Integer {
    guard let value = Integer(exactly: try decodeInteger(cell)) else {
        throw PostgresDecodingFailure("does not fit in \(Integer.self)")
    }
    return value
}
