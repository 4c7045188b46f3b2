import Telemetry

/// Writes values as JSON (RFC 8259), members in their order.
enum JSONText {
    static func compact(_ value: OutputValue) -> String { write(value, indent: nil) }

    static func pretty(_ value: OutputValue) -> String { write(value, indent: 0) }

    /// A string with its quotes.
    static func quoted(_ text: String) -> String { JSONLiteral.quoted(text) }

    private static func write(_ value: OutputValue, indent: Int?) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .decimal(let number): number.isFinite ? "\(number)" : "null"
        case .text(let text): quoted(text)
        case .list(let values):
            bracket("[", "]", values.map { write($0, indent: indent.map { $0 + 1 }) }, indent)
        case .record(let record):
            bracket(
                "{", "}",
                record.members.map { member in
                    quoted(member.name) + (indent == nil ? ":" : ": ")
                        + write(member.value, indent: indent.map { $0 + 1 })
                }, indent)
        }
    }

    private static func bracket(_ open: String, _ close: String, _ parts: [String], _ indent: Int?) -> String {
        guard !parts.isEmpty else { return open + close }
        guard let indent else { return open + parts.joined(separator: ",") + close }
        let margin = String(repeating: "  ", count: indent + 1)
        let end = String(repeating: "  ", count: indent)
        return open + "\n" + parts.map { margin + $0 }.joined(separator: ",\n") + "\n" + end + close
    }
}
