/// A Swift type that can be read from a result's value.
public protocol PostgresDecodable: Sendable {
    /// Reads the value.
    ///
    /// - Throws: `PostgresDecodingFailure`, which the row turns into a `PostgresError` naming the column.
    static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Self
}

/// One value of a result, in binary form. Valid only while it is being decoded.
public struct PostgresCell {
    public let type: PostgresType
    let bytes: UnsafeRawBufferPointer?

    /// Whether the value is SQL `NULL`.
    public var isNull: Bool { bytes == nil }

    /// The value's bytes; refuses `NULL`.
    func nonNull() throws(PostgresDecodingFailure) -> UnsafeRawBufferPointer {
        guard let bytes else { throw PostgresDecodingFailure("is null") }
        return bytes
    }

    /// The value's bytes as one integer of exactly this width.
    func integer<Integer: FixedWidthInteger>(
        _: Integer.Type = Integer.self
    ) throws(PostgresDecodingFailure) -> Integer {
        let bytes = try nonNull()
        guard bytes.count == MemoryLayout<Integer>.size else {
            throw PostgresDecodingFailure("has \(bytes.count) bytes, \(MemoryLayout<Integer>.size) expected")
        }
        return Integer(bigEndian: bytes.loadUnaligned(as: Integer.self))
    }

    /// Calls the closure with the value's bytes, nil for `NULL`. The pointer must not escape.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
        try body(bytes)
    }

    func mismatch(_ expected: String) -> PostgresDecodingFailure {
        PostgresDecodingFailure("is of type \(type), which cannot be read as \(expected)")
    }
}

/// The reason why a value could not be decoded; never holds the value.
public struct PostgresDecodingFailure: Error, Sendable {
    public let reason: String

    public init(_ reason: String) {
        self.reason = reason
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Wrapped? {
        if cell.isNull { return nil }
        return try Wrapped.decode(cell)
    }
}
