/// The bound parameters of one statement: all values in one block of bytes, ready for libpq.
struct ParameterList: Sendable {
    struct Parameter: Sendable {
        let type: PostgresType
        let format: PostgresFormat
        let offset: Int
        /// Nil for SQL `NULL`.
        let length: Int?
    }

    private(set) var parameters: [Parameter] = []
    private var buffer = PostgresValueBuffer()

    /// The types decide, with the SQL text, which prepared statement fits.
    private(set) var types: [PostgresType] = []

    /// The reason why one of the values cannot be sent; names the parameter's position, never its value.
    private(set) var refusal: String?

    var bytes: [UInt8] { buffer.bytes }
    var count: Int { parameters.count }

    mutating func append<Value: PostgresEncodable>(_ value: Value) {
        let offset = buffer.bytes.count
        buffer.isNull = false
        value.encode(into: &buffer)
        let length = buffer.isNull ? nil : buffer.bytes.count - offset
        if Value.postgresFormat == .text, let length {
            if buffer.bytes[offset..<offset + length].contains(0) {
                buffer.refuse("a text value must not contain a NUL character")
            }
            // libpq reads text parameters up to their NUL.
            buffer.bytes.append(0)
        }
        parameters.append(
            Parameter(type: Value.postgresType, format: Value.postgresFormat, offset: offset, length: length))
        types.append(Value.postgresType)
        if refusal == nil, let reason = buffer.refusal {
            refusal = "parameter $\(parameters.count): \(reason)"
        }
    }
}
