/// Comma-separated values (RFC 4180): fields may be quoted, and have commas, quotes and line breaks in them then.
enum CSV {
    struct Record: Equatable {
        /// The line on which it begins, from 1.
        let line: Int
        let fields: [String]
    }

    /// A place that cannot be read.
    struct Fault: Error, Equatable {
        let line: Int
        let message: String
    }

    /// Reads records; lines without anything are none.
    static func records(_ text: String) throws(Fault) -> [Record] {
        var reader = CSVReader()
        for byte in text.utf8 { try reader.take(byte) }
        return try reader.end()
    }

    /// A record with its line break.
    static func line(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\r\n" }

    private static func field(_ text: String) -> String {
        let special = Set(",\"\r\n".utf8)
        guard text.utf8.contains(where: special.contains) || text.hasPrefix(" ") || text.hasSuffix(" ") else {
            return text
        }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

/// Reads CSV byte by byte.
private struct CSVReader {
    private enum Place {
        case start, plain, quoted
        /// Behind a quote within a quoted field: its end, or the first of two that stand for one.
        case quote
    }

    private var place = Place.start
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var records: [CSV.Record] = []
    private var line = 1
    /// The line at which the record begins.
    private var first = 1

    mutating func take(_ byte: UInt8) throws(CSV.Fault) {
        switch (place, byte) {
        case (.quoted, UInt8(ascii: "\"")): place = .quote
        case (.quoted, _):
            field.append(byte)
            if byte == UInt8(ascii: "\n") { line += 1 }
        case (.start, UInt8(ascii: "\"")): place = .quoted
        case (.quote, UInt8(ascii: "\"")):
            field.append(byte)
            place = .quoted
        case (_, UInt8(ascii: ",")): endField()
        // Of a break of two bytes the second ends the line.
        case (_, UInt8(ascii: "\r")): break
        case (_, UInt8(ascii: "\n")): endRecord()
        case (.quote, _): throw CSV.Fault(line: line, message: "behind a closing quote there must be a comma")
        case (.plain, UInt8(ascii: "\"")):
            throw CSV.Fault(line: line, message: "a quote stands in a field that does not begin with one")
        default:
            field.append(byte)
            place = .plain
        }
    }

    mutating func end() throws(CSV.Fault) -> [CSV.Record] {
        guard place != .quoted else { throw CSV.Fault(line: first, message: "a quoted field is not closed") }
        if place != .start || !fields.isEmpty { endRecord() }
        return records
    }

    private mutating func endField() {
        fields.append(String(decoding: field, as: UTF8.self))
        field = []
        place = .start
    }

    private mutating func endRecord() {
        let isEmpty = fields.isEmpty && place == .start
        endField()
        if !isEmpty { records.append(CSV.Record(line: first, fields: fields)) }
        fields = []
        line += 1
        first = line
    }
}
