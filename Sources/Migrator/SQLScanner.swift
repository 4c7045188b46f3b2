/// Reads a text piece by piece.
struct SQLScanner {
    enum Item {
        case token(SQLToken.Kind, Range<Int>)
        case comment(Range<Int>)
        case semicolon
    }

    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> Item? {
        skip { (9...13).contains($0) || $0 == UInt8(ascii: " ") }
        guard position < bytes.count else { return nil }
        let (byte, start) = (bytes[position], position)
        switch byte {
        case UInt8(ascii: ";"):
            position += 1
            return .semicolon
        case UInt8(ascii: "-") where looking(at: "--"):
            skip { $0 != UInt8(ascii: "\n") }
            return .comment(start..<position)
        case UInt8(ascii: "/") where looking(at: "/*"):
            skipBlockComment()
            return .comment(start..<position)
        default: return .token(skipToken(byte, from: start), start..<position)
        }
    }

    private mutating func skipToken(_ byte: UInt8, from start: Int) -> SQLToken.Kind {
        switch byte {
        case UInt8(ascii: "'"):
            skipQuoted(by: byte, backslashes: false)
            return .string
        case UInt8(ascii: "\""):
            skipQuoted(by: byte, backslashes: false)
            return .name
        case UInt8(ascii: "$"):
            skipDollarQuoted()
            return .string
        case _ where isWordStart(byte):
            skip(while: isWordPart)
            if position - start == 1, byte | 0x20 == UInt8(ascii: "e"), looking(at: "'") {
                skipQuoted(by: UInt8(ascii: "'"), backslashes: true)
                return .string
            }
            return .word
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            // A number takes the letters that follow with it: $ after one opens nothing.
            skip(while: isWordPart)
            return .other
        default:
            position += 1
            return .other
        }
    }

    private func looking(at text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { zip($0, bytes[position...]).allSatisfy { $0 == $1 } }
    }

    private mutating func skip(while predicate: (UInt8) -> Bool) {
        while position < bytes.count, predicate(bytes[position]) { position += 1 }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if looking(at: "/*") {
                depth += 1
                position += 2
            } else if looking(at: "*/") {
                depth -= 1
                position += 2
            } else {
                position += 1
            }
        } while depth > 0 && position < bytes.count
    }

    /// A doubled quote is two adjacent strings to this scanner, which comes to the same.
    private mutating func skipQuoted(by quote: UInt8, backslashes: Bool) {
        position += 1
        while position < bytes.count, bytes[position] != quote {
            position += backslashes && bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position = min(position + 1, bytes.count)
    }

    /// `$tag$ … $tag$`; a dollar that opens none, as in `$1`, is passed over alone.
    private mutating func skipDollarQuoted() {
        let start = position
        position += 1
        if position < bytes.count, isWordStart(bytes[position]) { skip { isWordPart($0) && $0 != UInt8(ascii: "$") } }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "$") else { return }
        position += 1
        let tag = bytes[start..<position]
        while position < bytes.count, !bytes[position...].starts(with: tag) { position += 1 }
        position = min(position + tag.count, bytes.count)
    }
}

private func isWordStart(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (65...90).contains(byte & 0xDF) || byte >= 128
}

private func isWordPart(_ byte: UInt8) -> Bool {
    isWordStart(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "$")
}
