/// Writes values as YAML 1.2 blocks. Texts are quoted as in JSON, which is YAML, unless they are plain words.
enum YAMLText {
    static func document(_ record: OutputRecord) -> String {
        lines(.record(record), margin: "").joined(separator: "\n")
    }

    private static func lines(_ value: OutputValue, margin: String) -> [String] {
        switch value {
        case .record(let record):
            record.members.flatMap { member -> [String] in
                if let inline = inline(member.value) { return ["\(margin)\(member.name): \(inline)"] }
                return ["\(margin)\(member.name):"] + lines(member.value, margin: margin + "  ")
            }
        case .list(let values):
            values.flatMap { value -> [String] in
                if let inline = inline(value) { return ["\(margin)- \(inline)"] }
                var block = lines(value, margin: margin + "  ")
                // The dash stands in the margin of the item's first line.
                block[0] = margin + "- " + block[0].dropFirst(margin.count + 2)
                return block
            }
        case .null, .bool, .integer, .decimal, .text: [margin + (inline(value) ?? "")]
        }
    }

    /// The text that fits behind a name or a dash; nil for what needs lines of its own.
    private static func inline(_ value: OutputValue) -> String? {
        switch value {
        case .null, .bool, .integer, .decimal: JSONText.compact(value)
        case .text(let text): isPlain(text) ? text : JSONText.quoted(text)
        case .list(let values): values.isEmpty ? "[]" : nil
        case .record(let record): record.members.isEmpty ? "{}" : nil
        }
    }

    private static let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first | 0x20) else { return false }
        return !reserved.contains(text.lowercased())
            && text.utf8.allSatisfy { byte in
                (97...122).contains(byte | 0x20) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            }
    }
}
