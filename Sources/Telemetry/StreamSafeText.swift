/// A bound on combining marks, as the Stream-Safe Text Format of Unicode has it (UAX #15, section 13).
///
/// Comparing, hashing or normalising a text sorts the marks of each letter, in time that grows with the square of their
/// number: some hundred kilobytes of them on one letter would hold a thread for minutes. No language needs more than a few.
public enum StreamSafeText {
    /// The most combining marks in a row.
    public static let limit = 30

    /// Whether no letter of the text has more marks than that. Takes time that grows with the length of the text.
    public static func holds(_ text: String) -> Bool {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return true }
        var marks = MarkCount()
        return text.unicodeScalars.allSatisfy { marks.take($0) }
    }

    /// Whether the same is true of every text of a document in JSON, with its escapes resolved.
    public static func holds(json bytes: [UInt8]) -> Bool {
        let backslash = UInt8(ascii: "\\")
        if bytes.allSatisfy({ $0 < 0x80 && $0 != backslash }) { return true }
        var marks = MarkCount()
        var index = 0
        while index < bytes.count {
            guard bytes[index] == backslash, let (scalar, length) = escape(bytes[index...]) else {
                guard marks.take(bytes[index]) else { return false }
                index += 1
                continue
            }
            guard marks.take(scalar) else { return false }
            index += length
        }
        return true
    }

    /// The scalar of an escape that names it by its number, in one part or two, and the escape's length.
    private static func escape(_ bytes: ArraySlice<UInt8>) -> (scalar: Unicode.Scalar, length: Int)? {
        guard let first = unit(bytes) else { return nil }
        if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
        guard let second = unit(bytes.dropFirst(6)), (0xD800..<0xDC00).contains(first),
            (0xDC00..<0xE000).contains(second)
        else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)).map { ($0, 12) }
    }

    private static func unit(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        guard bytes.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { return nil }
        let digits = bytes.dropFirst(2).prefix(4)
        guard digits.count == 4 else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}

/// A count of the combining marks in a row, in text that comes in parts and may be among other bytes.
public struct MarkCount: Sendable {
    private var marks = 0
    /// The bits so far of a scalar whose bytes have not all come.
    private var bits: UInt32 = 0
    private var missing = 0

    public init() {}

    /// Takes the next bytes, of UTF-8 or anything else.
    ///
    /// - Returns: Whether no letter has more marks than ``StreamSafeText/limit``.
    public mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where !take(byte) { return false }
        return true
    }

    /// The same for one byte.
    public mutating func take(_ byte: UInt8) -> Bool {
        switch byte {
        case ..<0x80:
            (marks, missing) = (0, 0)
        case ..<0xC0:
            guard missing > 0 else {
                marks = 0
                return true
            }
            bits = bits << 6 | UInt32(byte & 0x3F)
            missing -= 1
            guard missing == 0 else { return true }
            if let scalar = Unicode.Scalar(bits) { return take(scalar) }
            marks = 0
        default:
            if missing > 0 { marks = 0 }
            missing = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3
            bits = UInt32(byte) & (0x3F >> UInt32(missing))
        }
        return true
    }

    /// The same for a scalar.
    public mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        // No scalar below this one combines.
        let isMark = scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
        marks = isMark ? marks + 1 : 0
        return marks <= StreamSafeText.limit
    }
}
