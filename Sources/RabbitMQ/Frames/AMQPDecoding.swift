import CRabbitMQ
import FoundationEssentials

extension amqp_bytes_t {
    /// A copy as an array.
    var array: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: bytes, count: len)) }

    /// A copy as a string; bytes that are not UTF-8 are replaced.
    var string: String {
        String(decoding: UnsafeRawBufferPointer(start: bytes, count: len), as: UTF8.self)
    }
}

extension amqp_table_t {
    /// A copy, nested values included.
    var dictionary: [String: HeaderValue] { dictionary(depth: 1) }

    fileprivate func dictionary(depth: Int) -> [String: HeaderValue] {
        let entries = UnsafeBufferPointer(start: entries, count: Int(num_entries))
        var result: [String: HeaderValue] = [:]
        result.reserveCapacity(entries.count)
        for entry in entries { result[entry.key.string] = entry.value.headerValue(depth: depth) }
        return result
    }
}

extension amqp_field_value_t {
    /// A copy as a Swift value; see ``HeaderValue`` for what is converted. An unknown type becomes null, and so does
    /// what is nested deeper than ``MessageLimits/tableDepth``.
    fileprivate func headerValue(depth: Int) -> HeaderValue {
        switch kind {
        case FieldKind.boolean: .bool(value.boolean != 0)
        case FieldKind.int8: .int(Int64(value.i8))
        case FieldKind.uint8: .int(Int64(value.u8))
        case FieldKind.int16: .int(Int64(value.i16))
        case FieldKind.uint16: .int(Int64(value.u16))
        case FieldKind.int32: .int(Int64(value.i32))
        case FieldKind.uint32: .int(Int64(value.u32))
        case FieldKind.int64: .int(value.i64)
        case FieldKind.uint64: .int(Int64(clamping: value.u64))
        case FieldKind.float32: .double(Double(value.f32))
        case FieldKind.float64: .double(value.f64)
        case FieldKind.decimal: .double(value.decimal.double)
        case FieldKind.string: value.bytes.headerText
        case FieldKind.bytes: .bytes(value.bytes.array)
        case FieldKind.timestamp: .timestamp(Date(wireSeconds: value.u64))
        case FieldKind.table where depth < MessageLimits.tableDepth:
            .table(value.table.dictionary(depth: depth + 1))
        case FieldKind.array where depth < MessageLimits.tableDepth:
            .array(
                UnsafeBufferPointer(start: value.array.entries, count: Int(value.array.num_entries))
                    .map { $0.headerValue(depth: depth + 1) })
        default: .null
        }
    }
}

extension amqp_decimal_t {
    fileprivate var double: Double {
        var divisor = 1.0
        for _ in 0..<decimals { divisor *= 10 }
        return Double(value) / divisor
    }
}

extension amqp_bytes_t {
    /// A long string on the wire may hold anything.
    fileprivate var headerText: HeaderValue {
        String(validating: UnsafeRawBufferPointer(start: bytes, count: len), as: UTF8.self).map { .string($0) }
            ?? .bytes(array)
    }
}
