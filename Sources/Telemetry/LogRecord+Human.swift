import Logging

extension LogRecord {
    /// One line for human eyes: time, level, logger, message, `key=value` pairs.
    func human(coloured: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192)
        timestamp.appendTime(to: &bytes)
        bytes.append(UInt8(ascii: " "))
        if coloured { bytes.append(contentsOf: Self.colour(of: level).utf8) }
        let name = level.rawValue.uppercased()
        bytes.append(contentsOf: name.utf8)
        if coloured { bytes.append(contentsOf: Self.plain.utf8) }
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(1, 9 - name.utf8.count)))
        Self.append(label, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        Self.append(message, to: &bytes)
        for (key, value) in fields {
            bytes.append(UInt8(ascii: " "))
            if coloured { bytes.append(contentsOf: Self.faint.utf8) }
            Self.append(key, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            if coloured { bytes.append(contentsOf: Self.plain.utf8) }
            let text = value.description
            let quoted = text.isEmpty || text.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "\"") }
            if quoted { bytes.append(UInt8(ascii: "\"")) }
            Self.append(text, to: &bytes)
            if quoted { bytes.append(UInt8(ascii: "\"")) }
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static let plain = "\u{1B}[0m"
    private static let faint = "\u{1B}[2m"

    private static func colour(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: faint
        case .info: "\u{1B}[32m"
        case .notice: "\u{1B}[36m"
        case .warning: "\u{1B}[33m"
        case .error, .critical: "\u{1B}[31m"
        }
    }

    /// Appends `text` with what is not seen made visible: nothing logged may forge a line, move the cursor or reorder
    /// what is read.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: TerminalText.escaped(text).utf8)
    }
}
