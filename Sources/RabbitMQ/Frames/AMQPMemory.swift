import CRabbitMQ

/// Memory for one call into the library: strings and tables copied in Swift, freed together.
///
/// Used by the owning thread only. What it hands out is valid until ``recycle()``.
final class AMQPMemory {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        pool = .allocate(capacity: 1)
        pool.initialize(to: amqp_pool_t())
        init_amqp_pool(pool, 8192)
    }

    deinit {
        empty_amqp_pool(pool)
        pool.deallocate()
    }

    /// Takes back all that was handed out.
    func recycle() { recycle_amqp_pool(pool) }

    /// A copy of the string's UTF-8.
    func bytes(_ string: String) -> amqp_bytes_t {
        var string = string
        return string.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
    }

    /// A copy of the bytes.
    func bytes(_ array: [UInt8]) -> amqp_bytes_t {
        array.withUnsafeBytes { copy($0) }
    }

    /// A copy of the table, nested values included.
    func table(_ table: [String: HeaderValue]) -> amqp_table_t {
        guard let entries = allocate(amqp_table_entry_t.self, count: table.count) else { return amqp_table_t() }
        var index = 0
        for (key, value) in table {
            (entries + index).initialize(to: amqp_table_entry_t(key: bytes(key), value: field(value)))
            index += 1
        }
        return amqp_table_t(num_entries: Int32(index), entries: entries)
    }

    private func field(_ value: HeaderValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .string(let string):
            field.kind = FieldKind.string
            field.value.bytes = bytes(string)
        case .int(let number):
            field.kind = FieldKind.int64
            field.value.i64 = number
        case .bool(let flag):
            field.kind = FieldKind.boolean
            field.value.boolean = flag ? 1 : 0
        case .double(let number):
            field.kind = FieldKind.float64
            field.value.f64 = number
        case .timestamp(let date):
            field.kind = FieldKind.timestamp
            field.value.u64 = date.wireSeconds
        case .bytes(let array):
            field.kind = FieldKind.bytes
            field.value.bytes = bytes(array)
        case .table(let nested):
            field.kind = FieldKind.table
            field.value.table = table(nested)
        case .array(let values):
            field.kind = FieldKind.array
            field.value.array = self.array(values)
        case .null:
            field.kind = FieldKind.void
        }
        return field
    }

    private func array(_ values: [HeaderValue]) -> amqp_array_t {
        guard let entries = allocate(amqp_field_value_t.self, count: values.count) else { return amqp_array_t() }
        for (index, value) in values.enumerated() { (entries + index).initialize(to: field(value)) }
        return amqp_array_t(num_entries: Int32(values.count), entries: entries)
    }

    private func copy(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t {
        guard let base = source.baseAddress, source.count > 0, let memory = amqp_pool_alloc(pool, source.count) else {
            return amqp_bytes_t(len: 0, bytes: nil)
        }
        memory.copyMemory(from: base, byteCount: source.count)
        return amqp_bytes_t(len: source.count, bytes: memory)
    }

    private func allocate<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T>? {
        guard count > 0, let memory = amqp_pool_alloc(pool, count * MemoryLayout<T>.stride) else { return nil }
        return memory.bindMemory(to: T.self, capacity: count)
    }
}
