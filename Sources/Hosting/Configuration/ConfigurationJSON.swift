import FoundationEssentials

/// The JSON of a configuration file, read strictly: objects in objects with plain values, each as it is written and
/// with its line. A general decoder keeps one of two members of a name, and does not say which.
struct ConfigurationJSON {
    /// A value, and the names that lead to it.
    struct Member {
        let names: [String]
        let line: Int
        /// Nil for what is neither text, a number, true nor false.
        let value: String?

        /// The names as one, by dots.
        var key: String { names.joined(separator: ".") }

        /// The key as the file spells it, as in `"saga": {"sweep"}`.
        var spelling: String {
            names.map { "\"\($0)\"" }.joined(separator: ": {") + String(repeating: "}", count: names.count - 1)
        }
    }

    /// The place that is not as JSON has it.
    struct Fault: Error {
        let line: Int
        let reason: String
    }

    /// All values in the order of the text.
    private(set) var members: [Member] = []
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(_ text: String) throws(Fault) {
        bytes = Array(text.utf8)
        skipBlanks()
        guard peek == UInt8(ascii: "{") else { throw fault("it must begin with {") }
        try object([])
        skipBlanks()
        guard peek == nil else { throw fault("something follows the last }") }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func fault(_ reason: String) -> Fault { Fault(line: line, reason: reason) }

    private mutating func skipBlanks() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
            if byte == 0x0A { line += 1 }
            position += 1
        }
    }

    private mutating func take(_ character: UnicodeScalar) -> Bool {
        skipBlanks()
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func object(_ names: [String]) throws(Fault) {
        guard names.count < 32 else { throw fault("objects are too deep") }
        position += 1
        if take("}") { return }
        repeat {
            skipBlanks()
            let name = try string()
            guard take(":") else { throw fault("a : must follow the name \"\(name)\"") }
            try value(names + [name])
        } while take(",")
        guard take("}") else { throw fault("a , or } is missing") }
    }

    private mutating func value(_ names: [String]) throws(Fault) {
        skipBlanks()
        let start = line
        switch peek {
        case UInt8(ascii: "{"): try object(names)
        case UInt8(ascii: "["): throw fault("'\(names.joined(separator: "."))' is a list, which no setting is")
        case UInt8(ascii: "\""): members.append(Member(names: names, line: start, value: try string()))
        default: members.append(Member(names: names, line: start, value: try word()))
        }
    }

    private mutating func string() throws(Fault) -> String {
        let start = position
        guard peek == UInt8(ascii: "\"") else { throw fault("a name or text in \" is missing") }
        position += 1
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw fault("a text does not end on its line") }
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < bytes.count else { throw fault("a text does not end") }
        position += 1
        guard let text = try? JSONDecoder().decode(String.self, from: Data(bytes[start..<position])) else {
            throw fault("a text has an escape that JSON does not know")
        }
        return text
    }

    /// A number as it is written, `true` or `false`; nil for `null`.
    private mutating func word() throws(Fault) -> String? {
        let start = position
        while let byte = peek, byte > 0x20, !",}]{[:\"".utf8.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        switch text {
        case "true", "false": return text
        case "null": return nil
        default:
            let isNumber = (text.first?.isNumber ?? false) || text.first == "-"
            guard isNumber, Double(text) != nil else { throw fault("a value is missing or not in \"") }
            return text
        }
    }
}
