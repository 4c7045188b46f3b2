public import GRPCCore
public import SwiftProtobuf

/// A message in its form on the wire, for a server that passes on what is kept so: nothing is parsed to be printed again.
public struct EncodedMessage: Sendable, Equatable {
    public let bytes: [UInt8]

    /// A message, encoded.
    public init(_ message: some SwiftProtobuf.Message) throws {
        bytes = try message.serializedBytes()
    }

    /// A message that is there as bytes.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A message that has nothing but another one in one of its fields.
    ///
    /// - Parameters:
    ///   - field: The field's number.
    ///   - part: The other message, encoded.
    public init(field: UInt64, holding part: ArraySlice<UInt8>) {
        var bytes: [UInt8] = []
        // Two numbers of seven bits a byte: a field's number and a length take no more than these.
        bytes.reserveCapacity(part.count + 20)
        Self.append(field << 3 | WireType.length, to: &bytes)
        Self.append(UInt64(part.count), to: &bytes)
        bytes += part
        self.bytes = bytes
    }

    /// Whether these bytes are a message's fields, each of them whole. What the fields say is not looked at.
    public static func areWhole(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            guard let tag = number(&rest), tag >> 3 > 0 else { return false }
            let length: UInt64
            switch tag & 7 {
            case WireType.number:
                guard number(&rest) != nil else { return false }
                length = 0
            case WireType.eightBytes: length = 8
            case WireType.length:
                guard let found = number(&rest) else { return false }
                length = found
            case WireType.fourBytes: length = 4
            default: return false
            }
            guard length <= UInt64(rest.count) else { return false }
            rest = rest.dropFirst(Int(length))
        }
        return true
    }

    /// The kinds of fields (Protocol Buffers, Encoding); groups are none that the shop uses.
    private enum WireType {
        static let number: UInt64 = 0
        static let eightBytes: UInt64 = 1
        static let length: UInt64 = 2
        static let fourBytes: UInt64 = 5
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Takes a number from the front; nil if it does not end, or not within 64 bits.
    private static func number(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = bytes.popFirst() {
            guard shift < 63 || byte <= 1 else { return nil }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        return nil
    }
}

/// Writes messages that are encoded already.
public struct EncodedMessageSerializer: MessageSerializer {
    public init() {}

    public func serialize<Bytes: GRPCContiguousBytes>(_ message: EncodedMessage) throws -> Bytes {
        Bytes(message.bytes)
    }
}
