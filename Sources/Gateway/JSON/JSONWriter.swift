import NIOCore

/// Whatever is written as JSON.
protocol JSONWritable {
    func write(to json: inout JSONWriter)
}

/// Writes JSON straight into the bytes that are sent: no value, string or tree is built on the way.
///
/// Members of an object are written in the order of their names, so that the same value is always the same bytes.
struct JSONWriter {
    /// Enough for a product, an order or a problem.
    private static let usualSize = 512
    /// The most that is taken for a list beforehand: its first element may be the only long one.
    private static let mostAtOnce = 1 << 14

    private(set) var bytes: ByteBuffer
    /// Whether something stands before the next member or element.
    private var needsComma = false
    private var lastName: StaticString?

    init() {
        bytes = ByteBufferAllocator().buffer(capacity: Self.usualSize)
    }

    /// An object with the members that the body writes.
    mutating func object(_ members: (inout JSONWriter) -> Void) {
        let outer = lastName
        lastName = nil
        needsComma = false
        bytes.writeInteger(UInt8(ascii: "{"))
        members(&self)
        bytes.writeInteger(UInt8(ascii: "}"))
        lastName = outer
    }

    /// A member of the object at hand.
    ///
    /// - Parameter name: Behind that of the member before; of letters, digits and underscores.
    mutating func member(_ name: StaticString, _ value: some JSONWritable) {
        assert(lastName.map { "\($0)" < "\(name)" } ?? true, "\(name) stands behind \(lastName ?? "")")
        lastName = name
        separate()
        bytes.writeInteger(UInt8(ascii: "\""))
        bytes.writeStaticString(name)
        bytes.writeStaticString("\":")
        value.write(to: &self)
        needsComma = true
    }

    /// The same; nothing where there is no value.
    mutating func member(_ name: StaticString, ifPresent value: (some JSONWritable)?) {
        if let value { member(name, value) }
    }

    /// A list.
    mutating func array(_ elements: some Collection<some JSONWritable>) {
        needsComma = false
        bytes.writeInteger(UInt8(ascii: "["))
        let begin = bytes.writerIndex
        var rest = elements.count
        for element in elements {
            separate()
            element.write(to: &self)
            needsComma = true
            rest -= 1
            // The others will be as long as the first, more or less: the buffer grows once for all of them.
            if rest == elements.count - 1 {
                let size = (bytes.writerIndex - begin + 1) * (rest + 1)
                bytes.reserveCapacity(minimumWritableBytes: min(size, Self.mostAtOnce))
            }
        }
        bytes.writeInteger(UInt8(ascii: "]"))
    }

    mutating func null() { bytes.writeStaticString("null") }

    mutating func bool(_ value: Bool) { bytes.writeStaticString(value ? "true" : "false") }

    mutating func integer(_ value: Int64) { bytes.writeString(String(value)) }

    /// A number that is not infinite; a whole one without a point.
    mutating func decimal(_ value: Double) {
        precondition(value.isFinite, "JSON has no form for \(value)")
        let text = value.description
        bytes.writeSubstring(text.hasSuffix(".0") ? text.dropLast(2) : text[...])
    }

    /// A text in quotes. Only what must be escaped is (RFC 8259, 7).
    mutating func string(_ value: String) {
        var value = value
        bytes.writeInteger(UInt8(ascii: "\""))
        value.withUTF8 { text in
            var rest = text[...]
            while let place = rest.firstIndex(where: Self.isEscaped) {
                bytes.writeBytes(rest[..<place])
                escape(rest[place])
                rest = rest[(place + 1)...]
            }
            bytes.writeBytes(rest)
        }
        bytes.writeInteger(UInt8(ascii: "\""))
    }

    private mutating func separate() {
        if needsComma { bytes.writeInteger(UInt8(ascii: ",")) }
        needsComma = false
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): bytes.writeStaticString("\\\"")
        case UInt8(ascii: "\\"): bytes.writeStaticString("\\\\")
        case 0x08: bytes.writeStaticString("\\b")
        case 0x09: bytes.writeStaticString("\\t")
        case 0x0A: bytes.writeStaticString("\\n")
        case 0x0C: bytes.writeStaticString("\\f")
        case 0x0D: bytes.writeStaticString("\\r")
        default:
            bytes.writeStaticString(byte < 0x10 ? "\\u000" : "\\u001")
            let digit = byte & 0xF
            bytes.writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

extension String: JSONWritable {
    func write(to json: inout JSONWriter) { json.string(self) }
}

extension Int64: JSONWritable {
    func write(to json: inout JSONWriter) { json.integer(self) }
}

extension Int: JSONWritable {
    func write(to json: inout JSONWriter) { json.integer(Int64(self)) }
}

extension Double: JSONWritable {
    func write(to json: inout JSONWriter) { json.decimal(self) }
}

extension Bool: JSONWritable {
    func write(to json: inout JSONWriter) { json.bool(self) }
}

extension Array: JSONWritable where Element: JSONWritable {
    func write(to json: inout JSONWriter) { json.array(self) }
}
