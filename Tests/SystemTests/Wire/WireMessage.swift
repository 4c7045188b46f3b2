/// A protobuf message by hand, as a client with nothing but the wire contract writes and reads it: field numbers and
/// wire types, no generated code.
struct WireMessage: Sendable {
    /// What a field holds on the wire.
    enum Value: Sendable, Equatable {
        case varint(UInt64)
        case fixed32(UInt32)
        case bytes([UInt8])
    }

    /// Bytes that are no message.
    struct Malformed: Error {}

    private(set) var bytes: [UInt8] = []

    /// Adds an `int64`; zero is left out, as proto3 does.
    func int(_ field: UInt64, _ value: Int64) -> WireMessage {
        guard value != 0 else { return self }
        return appending(field << 3, Self.varint(UInt64(bitPattern: value)))
    }

    /// Adds a `string`; the empty one is left out, as proto3 does.
    func string(_ field: UInt64, _ value: String) -> WireMessage {
        value.isEmpty ? self : block(field, Array(value.utf8))
    }

    /// Adds a `repeated int64`, packed.
    func ints(_ field: UInt64, _ values: [Int64]) -> WireMessage {
        values.isEmpty ? self : block(field, values.flatMap { Self.varint(UInt64(bitPattern: $0)) })
    }

    /// Adds a message.
    func message(_ field: UInt64, _ value: WireMessage) -> WireMessage { block(field, value.bytes) }

    private func block(_ field: UInt64, _ content: [UInt8]) -> WireMessage {
        appending(field << 3 | 2, Self.varint(UInt64(content.count)) + content)
    }

    private func appending(_ tag: UInt64, _ content: [UInt8]) -> WireMessage {
        var copy = self
        copy.bytes += Self.varint(tag) + content
        return copy
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

/// What was read from the bytes of a message: its fields by number, in the order they stood.
struct WireFields: Sendable {
    private var values: [UInt64: [WireMessage.Value]] = [:]

    init(_ bytes: [UInt8]) throws {
        var reader = Reader(rest: bytes[...])
        while !reader.rest.isEmpty {
            let tag = try reader.varint()
            let value: WireMessage.Value =
                switch tag & 7 {
                case 0: .varint(try reader.varint())
                case 2: .bytes(try reader.take(Int(try reader.varint())))
                case 5: .fixed32(try reader.take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
                default: throw WireMessage.Malformed()
                }
            values[tag >> 3, default: []].append(value)
        }
    }

    /// An `int64`; 0 if it is absent.
    func int(_ field: UInt64) -> Int64 {
        if case .varint(let value)? = values[field]?.last { Int64(bitPattern: value) } else { 0 }
    }

    /// A `string`; empty if it is absent.
    func string(_ field: UInt64) -> String {
        if case .bytes(let value)? = values[field]?.last { String(decoding: value, as: UTF8.self) } else { "" }
    }

    /// A `float`; 0 if it is absent.
    func float(_ field: UInt64) -> Float {
        if case .fixed32(let value)? = values[field]?.last { Float(bitPattern: value) } else { 0 }
    }

    /// A `repeated int64`, packed or not.
    func ints(_ field: UInt64) throws -> [Int64] {
        try (values[field] ?? []).flatMap { value -> [Int64] in
            switch value {
            case .varint(let number): return [Int64(bitPattern: number)]
            case .fixed32: throw WireMessage.Malformed()
            case .bytes(let packed):
                var reader = Reader(rest: packed[...])
                var numbers: [Int64] = []
                while !reader.rest.isEmpty { numbers.append(Int64(bitPattern: try reader.varint())) }
                return numbers
            }
        }
    }

    /// A message, or a `repeated` one.
    func messages(_ field: UInt64) throws -> [WireFields] {
        try (values[field] ?? []).map { value in
            guard case .bytes(let bytes) = value else { throw WireMessage.Malformed() }
            return try WireFields(bytes)
        }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func varint() throws -> UInt64 {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard let byte = rest.popFirst() else { throw WireMessage.Malformed() }
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            throw WireMessage.Malformed()
        }

        mutating func take(_ count: Int) throws -> [UInt8] {
            guard count <= rest.count else { throw WireMessage.Malformed() }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
    }
}
