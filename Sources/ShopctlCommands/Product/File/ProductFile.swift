import ArgumentParser
import Hosting
import ShopProtos

/// The form of a file of products.
enum ProductFileFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// Comma-separated values, with the names of the fields in the first line.
    case csv
    /// A JSON object a line.
    case jsonl

    /// The form that a file's name tells; nil if it tells none.
    init?(path: String) {
        guard let dot = path.lastIndex(of: ".") else { return nil }
        self.init(rawValue: path[path.index(after: dot)...].lowercased())
    }
}

/// A product as a line of a file says it.
struct ProductLine: Sendable {
    /// The fault of a field.
    struct Fault: Sendable, Equatable {
        let field: String
        let message: String
    }

    /// The fields that are read, by the names that they have in REST.
    static let fields = ["name", "price", "currency", "amount", "category", "description", "photo_url", "user_id"]
    /// Fields of an export that mean nothing in another shop.
    static let ignored = ["id", "version", "created_at", "updated_at"]
    /// The most bytes of a text, far more than the shop takes.
    private static let textLimit = 65_536

    /// From 1.
    let number: Int
    private(set) var draft = Products_PostProductRequest()
    private(set) var faults: [Fault] = []
    private var given: Set<String> = []
    /// Whether it could be taken apart; of a line that could not, it is not known which fields it lacks.
    private var isRead = true

    init(number: Int) { self.number = number }

    mutating func set(_ field: String, text: String) {
        given.insert(field)
        guard text.utf8.count <= Self.textLimit else { return fail(field, "\(field) is too long") }
        switch field {
        case "name": draft.name = text
        case "currency": draft.currency = text
        case "category": draft.category = text
        case "description": draft.description_p = text
        case "photo_url": draft.photoURL = text
        default:
            guard let number = Int64(text) else {
                let kind = field == "price" ? "whole number of minor units" : "whole number"
                return fail(field, "\(field) must be a \(kind), not '\(text.prefix(40))'")
            }
            switch field {
            case "price": draft.price = number
            case "amount": draft.amount = number
            default: draft.userID = number
            }
        }
    }

    mutating func fail(_ field: String, _ message: String) { faults.append(Fault(field: field, message: message)) }

    /// Notes why the line cannot be taken apart.
    ///
    /// - Parameter field: `*` for the whole line.
    mutating func failToRead(_ field: String = "*", _ message: String) {
        fail(field, message)
        isRead = false
    }

    /// Sets what the line leaves open, and notes what it lacks.
    mutating func complete(seller: Int64?) {
        guard isRead else { return }
        for field in ["name", "price", "amount", "category"] where !given.contains(field) {
            fail(field, "\(field) is missing")
        }
        guard !given.contains("user_id") else { return }
        if let seller {
            draft.userID = seller
        } else {
            fail("user_id", "user_id, the seller, is missing; --seller is one for all")
        }
    }
}

/// A file of products.
enum ProductFile {
    /// Reads all lines.
    ///
    /// - Parameters:
    ///   - name: The file's, for errors.
    ///   - seller: Whose products are that the file does not tell of.
    ///   - first: The line that is the first to be taken.
    /// - Throws: ``CommandFailure`` for what is no single line's fault.
    static func read(
        _ bytes: [UInt8], as format: ProductFileFormat, named name: String, seller: Int64?, from first: Int = 1
    ) throws(CommandFailure) -> [ProductLine] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? Array(bytes[3...]) : bytes
        var lines = format == .csv ? try csv(text, name) : jsonLines(text)
        guard !lines.isEmpty else {
            throw CommandFailure(.badData, "\(name): there are no products in it", code: .importFault)
        }
        let last = lines[lines.count - 1].number
        lines.removeAll { $0.number < first }
        guard !lines.isEmpty else {
            throw CommandFailure(
                .badData, "\(name): there are no products from line \(first) on, the last is in line \(last)",
                code: .importFault)
        }
        for index in lines.indices { lines[index].complete(seller: seller) }
        return lines
    }

    private static func csv(_ text: [UInt8], _ name: String) throws(CommandFailure) -> [ProductLine] {
        let records = CSV.records(text)
        guard let head = records.first else { return [] }
        if let fault = head.faults.first {
            throw CommandFailure(.badData, "\(name): line \(head.line): \(fault.message)", code: .importFault)
        }
        let names = head.fields.map { $0.lowercased() }
        for (index, field) in names.enumerated() {
            let isKnown = ProductLine.fields.contains(field) || ProductLine.ignored.contains(field)
            guard isKnown, !names[..<index].contains(field) else {
                throw CommandFailure(
                    .badData,
                    "\(name): line \(head.line): there is \(isKnown ? "a second" : "no") field '\(field.prefix(50))'",
                    hint: "the first line names fields: \(ProductLine.fields.joined(separator: ","))",
                    code: .importFault)
            }
        }
        return records.dropFirst().map { record in
            var line = ProductLine(number: record.line)
            for fault in record.faults {
                let field = fault.field.flatMap { $0 < names.count ? names[$0] : nil }
                line.failToRead(field ?? "*", fault.message)
            }
            // Of one that ends before its end the fields are not known.
            guard !record.faults.contains(where: { $0.field == nil }) else { return line }
            if record.fields.count != names.count {
                line.failToRead("*", "it has \(record.fields.count) fields, not \(names.count)")
            }
            for (field, text) in zip(names, record.fields) where !ProductLine.ignored.contains(field) {
                // An empty field is one that is not there.
                if !text.isEmpty { line.set(field, text: text) }
            }
            return line
        }
    }

    private static func jsonLines(_ text: [UInt8]) -> [ProductLine] {
        // Other breaks may stand in a text as they are.
        text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
            index, json in
            var line = ProductLine(number: index + 1)
            guard let text = String(validating: json, as: UTF8.self) else {
                line.failToRead("*", "it is not UTF-8")
                return line
            }
            guard text.contains(where: { !$0.isWhitespace }) else { return nil }
            line.read(json: Array(json))
            return line
        }
    }
}

extension ProductLine {
    /// Takes an object of texts and whole numbers.
    fileprivate mutating func read(json: [UInt8]) {
        do {
            guard case .object(let members) = try JSONParser.parse(json) else {
                return failToRead("*", "it is no JSON object")
            }
            for (field, value) in members.sorted(by: { $0.key < $1.key }) { set(field, value) }
        } catch {
            if let field = error.twice { return failToRead(field, "\(field.prefix(50)) stands there twice") }
            failToRead("*", "it is no JSON: \(error.message), at byte \(error.offset)")
        }
    }

    private mutating func set(_ field: String, _ value: JSONValue) {
        if Self.ignored.contains(field) { return }
        guard Self.fields.contains(field) else { return fail(field, "there is no field '\(field.prefix(50))'") }
        let isNumber = ["price", "amount", "user_id"].contains(field)
        switch value {
        case .null: break
        // Written as it was, and held against the same rule as a number of CSV.
        case .number(let number) where isNumber: set(field, text: number)
        case .string(let text) where !isNumber: set(field, text: text)
        case .bool, .number, .string, .array, .object:
            given.insert(field)
            fail(field, "\(field) must be a \(isNumber ? "whole number" : "text"), not \(value.kind)")
        }
    }
}

extension ProductFile {
    /// The fields of an export, in order.
    static let exported = ["id"] + ProductLine.fields

    /// The line before the first product; empty for none.
    static func head(_ format: ProductFileFormat) -> String { format == .csv ? CSV.line(exported) : "" }

    /// A product as a line.
    static func line(_ product: Products_Product, _ format: ProductFileFormat) -> String {
        let record = product.record
        switch format {
        case .csv: return CSV.line(exported.map { Self.text(record[$0]) })
        case .jsonl:
            var chosen = OutputRecord()
            for name in exported {
                if let value = record[name], value != .null { chosen.members.append(.init(name: name, value: value)) }
            }
            return JSONText.compact(.record(chosen)) + "\n"
        }
    }

    private static func text(_ value: OutputValue?) -> String {
        switch value {
        case .integer(let number): String(number)
        case .text(let text): text
        default: ""
        }
    }
}
