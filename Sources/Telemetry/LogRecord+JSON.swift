import Logging

extension LogRecord {
    /// One line of JSON: `ts`, `level`, `logger`, `msg`, then the metadata sorted by key.
    ///
    /// Metadata values are always strings (or arrays of them): a field that is a number in one record and
    /// a string in the next is refused by the usual log stores.
    func json() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        bytes.append(contentsOf: #"{"ts":""#.utf8)
        timestamp.appendDateAndTime(to: &bytes)
        bytes.append(contentsOf: #"","level":""#.utf8)
        bytes.append(contentsOf: level.rawValue.utf8)
        bytes.append(contentsOf: #"","logger":"#.utf8)
        JSONLiteral.append(label, to: &bytes)
        bytes.append(contentsOf: #","msg":"#.utf8)
        JSONLiteral.append(message, to: &bytes)
        for (key, value) in fields {
            bytes.append(UInt8(ascii: ","))
            JSONLiteral.append(Self.isReserved(key) ? "metadata.\(key)" : key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            Self.append(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private static func append(_ value: Logger.MetadataValue, to bytes: inout [UInt8]) {
        switch value {
        case .string(let string):
            JSONLiteral.append(string, to: &bytes)
        case .stringConvertible(let convertible):
            JSONLiteral.append(convertible.description, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONLiteral.append(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                append(member.value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Whether a field of the record itself has that name; metadata of the same name is moved aside.
    private static func isReserved(_ key: String) -> Bool {
        switch key {
        case "ts", "level", "logger", "msg": true
        default: false
        }
    }
}
