/// The buffer into which a value writes its bytes when it is bound.
public struct PostgresValueBuffer: Sendable {
    var bytes: [UInt8] = []
    var isNull = false
    var refusal: String?

    /// Appends bytes as they are.
    @inlinable
    public mutating func append(_ newBytes: some Sequence<UInt8>) {
        appendBytes(newBytes)
    }

    /// Appends an integer in network byte order.
    @inlinable
    public mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
        withUnsafeBytes(of: value.bigEndian) { appendBytes($0) }
    }

    /// Makes the value SQL `NULL`.
    public mutating func appendNull() {
        isNull = true
    }

    /// Refuses the value; the reason must not contain it.
    public mutating func refuse(_ reason: String) {
        if refusal == nil { refusal = reason }
    }

    @usableFromInline
    mutating func appendBytes(_ newBytes: some Sequence<UInt8>) {
        bytes.append(contentsOf: newBytes)
    }

    /// Writes one array element with its length in front, or the length -1 for a null.
    mutating func appendElement(_ element: some PostgresEncodable) {
        let start = bytes.count
        append(bigEndian: Int32(0))
        isNull = false
        element.encode(into: &self)
        let length = isNull ? Int32(-1) : Int32(truncatingIfNeeded: bytes.count - start - 4)
        isNull = false
        withUnsafeBytes(of: length.bigEndian) { length in
            for (offset, byte) in length.enumerated() { bytes[start + offset] = byte }
        }
    }
}
