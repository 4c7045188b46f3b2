/// Comma-separated values (RFC 4180): fields may be quoted, and have commas, quotes and line breaks in them then.
enum CSV {
    struct Record: Equatable {
        /// The line on which it begins, from 1.
        let line: Int
        /// Those before the fault, where it could not be read to its end.
        let fields: [String]
        let faults: [Fault]
    }

    /// The reason why a record, or a field of it, cannot be read.
    struct Fault: Equatable {
        /// The field's place, from 0; nil for the record's.
        let field: Int?
        let message: String
    }

    /// Reads records; lines without anything are none.
    ///
    /// One whose quotes are wrong ends with its first line, so that it keeps no other line from being read.
    static func records(_ bytes: [UInt8]) -> [Record] {
        var reader = CSVReader(bytes: bytes)
        var records: [Record] = []
        while !reader.isAtEnd {
            if let record = reader.next() { records.append(record) }
        }
        return records
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

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var place = Place.start
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var faults: [CSV.Fault] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// Reads what begins here; nil for a line without anything.
    mutating func next() -> CSV.Record? {
        let (start, first) = (position, line)
        (place, field, fields, faults) = (.start, [], [], [])
        var isOver = false
        while !isOver, position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\n") {
                line += 1
                isOver = place != .quoted
            }
            guard !isOver, let message = take(byte) else { continue }
            let found = line > first ? "in line \(line) " : ""
            return broken(found + message, from: start, first)
        }
        guard place != .quoted else { return broken("a quoted field is not closed", from: start, first) }
        if fields.isEmpty, place == .start { return nil }
        endField()
        return CSV.Record(line: first, fields: fields, faults: faults)
    }

    /// Takes a byte of a record that does not end it.
    ///
    /// - Returns: The fault, if it may not stand here.
    private mutating func take(_ byte: UInt8) -> String? {
        switch (place, byte) {
        case (.quoted, UInt8(ascii: "\"")): place = .quote
        case (.quoted, _): field.append(byte)
        case (.start, UInt8(ascii: "\"")): place = .quoted
        case (.quote, UInt8(ascii: "\"")):
            field.append(byte)
            place = .quoted
        case (_, UInt8(ascii: ",")): endField()
        // Of a break of two bytes the second ends the line.
        case (_, UInt8(ascii: "\r")): break
        case (.quote, _): return "there must be a comma behind a closing quote"
        case (.plain, UInt8(ascii: "\"")): return "a quote stands in a field that does not begin with one"
        default:
            field.append(byte)
            place = .plain
        }
        return nil
    }

    private mutating func endField() {
        let text = String(validating: field, as: UTF8.self)
        if text == nil { faults.append(CSV.Fault(field: fields.count, message: "it is not UTF-8")) }
        fields.append(text ?? "")
        field = []
        place = .start
    }

    /// Gives a record up, and goes on behind its first line.
    private mutating func broken(_ message: String, from start: Int, _ first: Int) -> CSV.Record {
        position = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        line = first + 1
        return CSV.Record(
            line: first, fields: fields, faults: faults + [CSV.Fault(field: nil, message: message)])
    }
}
