import Telemetry

/// The space that text takes on a terminal, in cells: most characters take one, those of East Asia and pictures two.
enum CellWidth {
    static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    static func of(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return 0 }
        if scalars.contains(where: isWide) || scalars.contains("\u{FE0F}") { return 2 }
        return first.isCombining && scalars.count == 1 ? 0 : 1
    }

    /// The text in at most so many cells; one that is cut ends with `…`.
    static func fitted(_ text: String, to cells: Int) -> String {
        guard of(text) > cells else { return text }
        guard cells > 0 else { return "" }
        var kept = ""
        var used = 1
        for character in text {
            let width = of(character)
            guard used + width <= cells else { break }
            kept.append(character)
            used += width
        }
        return kept + "…"
    }

    /// The text in lines of at most so many cells, at blanks where there are some.
    static func wrapped(_ text: String, to cells: Int) -> [String] {
        guard of(text) > cells, cells > 1 else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, of(line) + 1 + of(String(word)) > cells {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
            while of(line) > cells {
                // A word that is longer than a line is divided.
                var (head, width) = ("", 0)
                for character in line {
                    guard width + of(character) <= cells else { break }
                    head.append(character)
                    width += of(character)
                }
                lines.append(head)
                line = String(line.dropFirst(head.count))
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isEmojiPresentation || wide.contains { $0.contains(scalar.value) }
    }

    /// The blocks of which Unicode's East Asian Width says wide or full width.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]
}
