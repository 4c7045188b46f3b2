/// A type of which Swift arrays can be bound and read.
public protocol PostgresArrayStorable: Sendable {
    static var postgresArrayType: PostgresType { get }
    static func encodeArray(_ array: [Self], into buffer: inout PostgresValueBuffer)
    static func decodeArray(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> [Self]
}

/// An element of a one-dimensional PostgreSQL array.
public protocol PostgresArrayElement: PostgresArrayStorable, PostgresEncodable, PostgresDecodable {
    /// The element's type as the array's header names it; differs from `postgresType` where that is inferred.
    static var postgresElementType: PostgresType { get }
}

extension PostgresArrayElement {
    public static var postgresElementType: PostgresType { postgresType }

    public static func encodeArray(_ array: [Self], into buffer: inout PostgresValueBuffer) {
        buffer.append(bigEndian: Int32(array.isEmpty ? 0 : 1))
        // Whether there are nulls; the server does not look.
        buffer.append(bigEndian: Int32(0))
        buffer.append(bigEndian: postgresElementType.rawValue)
        if array.isEmpty { return }
        buffer.append(bigEndian: Int32(truncatingIfNeeded: array.count))
        buffer.append(bigEndian: Int32(1))
        for element in array { buffer.appendElement(element) }
    }

    public static func decodeArray(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> [Self] {
        let bytes = try cell.nonNull()
        if cell.type.isKnownScalar { throw cell.mismatch("an array") }
        var reader = ArrayReader(bytes: bytes)
        let dimensions = try reader.int32()
        _ = try reader.int32()
        let elementType = PostgresType(rawValue: UInt32(bitPattern: try reader.int32()))
        if dimensions == 0 { return [] }
        guard dimensions == 1 else {
            throw PostgresDecodingFailure("is an array of \(dimensions) dimensions; only one can be read")
        }
        let count = Int(try reader.int32())
        _ = try reader.int32()
        var elements: [Self] = []
        elements.reserveCapacity(min(count, bytes.count))
        for _ in 0..<max(count, 0) {
            let length = Int(try reader.int32())
            let element = length < 0 ? nil : try reader.bytes(length)
            elements.append(try Self.decode(PostgresCell(type: elementType, bytes: element)))
        }
        return elements
    }
}

extension Optional: PostgresArrayStorable where Wrapped: PostgresArrayElement {}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement {
    public static var postgresElementType: PostgresType { Wrapped.postgresElementType }
    public static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
}

extension Array: PostgresEncodable where Element: PostgresArrayStorable {
    public static var postgresType: PostgresType { Element.postgresArrayType }

    public func encode(into buffer: inout PostgresValueBuffer) {
        Element.encodeArray(self, into: &buffer)
    }
}

extension Array: PostgresDecodable where Element: PostgresArrayStorable {
    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> [Element] {
        try Element.decodeArray(cell)
    }
}

extension Array: PostgresArrayStorable where Element == UInt8 {
    public static var postgresArrayType: PostgresType { .byteaArray }
}

/// Walks through an array's binary form.
private struct ArrayReader {
    let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func int32() throws(PostgresDecodingFailure) -> Int32 {
        let field = try self.bytes(4)
        return Int32(bigEndian: field.loadUnaligned(as: Int32.self))
    }

    mutating func bytes(_ count: Int) throws(PostgresDecodingFailure) -> UnsafeRawBufferPointer {
        guard count >= 0, bytes.count - offset >= count else { throw PostgresDecodingFailure("is a malformed array") }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}
