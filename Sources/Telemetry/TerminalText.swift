/// Text from elsewhere, made fit for a terminal.
public enum TerminalText {
    /// The text with everything escaped that a reader would not see, or that would do something to the terminal or to
    /// the order of what stands around it.
    public static func escaped(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
        var result = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            // What was escaped is no picture.
            let isJoiner =
                result.last == previous && joins(scalar, previous, index + 1 < scalars.count ? scalars[index + 1] : nil)
            if !isJoiner, needsEscape(scalar, after: previous) {
                result.append(contentsOf: escape(scalar).unicodeScalars)
            } else {
                result.append(scalar)
            }
            previous = scalar
        }
        return String(result)
    }

    /// Whether it makes one picture of the two around it, as in that of a family.
    private static func joins(_ scalar: Unicode.Scalar, _ previous: Unicode.Scalar?, _ next: Unicode.Scalar?) -> Bool {
        guard scalar == "\u{200D}", let previous, let next else { return false }
        return (isPicture(previous) || previous == "\u{FE0F}") && isPicture(next)
    }

    private static func isPicture(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x80 && scalar.properties.isEmoji
    }

    private static func needsEscape(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        if scalar.isCombining {
            // An accent with no letter of the text itself would sit on what is printed before it.
            guard let previous, previous != " " else { return true }
            // Asks for a picture's coloured form, and is part of most of them.
            if scalar == "\u{FE0F}" { return previous.value < 0x80 || !previous.properties.isEmoji }
        }
        return scalar.isInvisible
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": #"\n"#
        case "\r": #"\r"#
        case "\t": #"\t"#
        case "\u{0}"..."\u{7F}": #"\x"# + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
        default: #"\u{"# + String(scalar.value, radix: 16) + "}"
        }
    }
}

extension Unicode.Scalar {
    /// Whether nothing of it is seen: a control or formatting character (zero width, direction), a filler, or a code
    /// point that no character is known for. A space is seen, as a gap.
    public var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
        // An empty cell of Braille counts as a symbol, and has no dots.
        default: properties.isDefaultIgnorableCodePoint || self == "\u{2800}"
        }
    }

    /// Whether it only changes the letter before it.
    public var isCombining: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: true
        default: false
        }
    }
}
