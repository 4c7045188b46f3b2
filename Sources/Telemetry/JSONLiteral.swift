/// Text as a string of JSON (RFC 8259) that does nothing to a terminal, nor to the order of what it shows.
public enum JSONLiteral {
    /// The string with its quotes.
    public static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the string with its quotes.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        // Most texts need no escape, and go at once.
        let isAppended = text.withUTF8 { utf8 in
            guard utf8.allSatisfy(isPlain) else { return false }
            bytes.append(contentsOf: utf8)
            return true
        }
        if !isAppended {
            for scalar in text.unicodeScalars { append(scalar, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"": bytes.append(contentsOf: #"\""#.utf8)
        case "\\": bytes.append(contentsOf: #"\\"#.utf8)
        case "\n": bytes.append(contentsOf: #"\n"#.utf8)
        case "\r": bytes.append(contentsOf: #"\r"#.utf8)
        case "\t": bytes.append(contentsOf: #"\t"#.utf8)
        case "\u{0}"..."\u{1F}", "\u{7F}": escape(scalar, to: &bytes)
        // To a terminal these are commands, or reorder what it shows; to JSON the escape is the same character. Those
        // behind U+FFFF would take two escapes, which YAML does not read as one, and no terminal obeys them.
        case "\u{80}"..."\u{FFFF}" where scalar.isInvisible: escape(scalar, to: &bytes)
        default: bytes.append(contentsOf: scalar.utf8)
        }
    }

    private static func escape(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"\u"#.utf8)
        for shift in [12, 8, 4, 0] {
            bytes.append(HexDigit.ascii(UInt8(truncatingIfNeeded: scalar.value >> UInt32(shift))))
        }
    }
}
