import ArgumentParser
import FoundationEssentials
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
                return fail(field, "\(field) must be a whole number, not '\(text.prefix(40))'")
            }
            set(field, number: number)
        }
    }

    mutating func set(_ field: String, number: Int64) {
        given.insert(field)
        switch field {
        case "price": draft.price = number
        case "amount": draft.amount = number
        case "user_id": draft.userID = number
        default: fail(field, "\(field) must be a text")
        }
    }

    mutating func fail(_ field: String, _ message: String) { faults.append(Fault(field: field, message: message)) }

    /// Sets what the line leaves open, and notes what it lacks.
    mutating func complete(seller: Int64?) {
        // Of a line that cannot be read it is not known.
        guard !faults.contains(where: { $0.field == "*" }) else { return }
        if !given.contains("user_id"), let seller { set("user_id", number: seller) }
        for field in ["name", "price", "amount", "category"] where !given.contains(field) {
            fail(field, "\(field) is missing")
        }
        if !given.contains("user_id") { fail("user_id", "user_id, the seller, is missing; --seller is one for all") }
    }
}

/// A file of products.
enum ProductFile {
    /// Reads all lines.
    ///
    /// - Parameters:
    ///   - name: The file's, for errors.
    ///   - seller: Whose products are that the file does not tell of.
    /// - Throws: ``CommandFailure`` for what is no single line's fault.
    static func read(
        _ bytes: [UInt8], as format: ProductFileFormat, named name: String, seller: Int64?
    ) throws(CommandFailure) -> [ProductLine] {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard let text = String(validating: bytes.starts(with: mark) ? bytes[3...] : bytes[...], as: UTF8.self) else {
            throw CommandFailure(.badData, "\(name): it is not UTF-8", code: .importFault)
        }
        var lines = format == .csv ? try csv(text, name) : jsonLines(text)
        guard !lines.isEmpty else {
            throw CommandFailure(.badData, "\(name): there are no products in it", code: .importFault)
        }
        for index in lines.indices { lines[index].complete(seller: seller) }
        return lines
    }

    private static func csv(_ text: String, _ name: String) throws(CommandFailure) -> [ProductLine] {
        let records: [CSV.Record]
        do {
            records = try CSV.records(text)
        } catch {
            throw CommandFailure(.badData, "\(name): line \(error.line): \(error.message)", code: .importFault)
        }
        guard let head = records.first else { return [] }
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
            if record.fields.count != names.count {
                line.fail("*", "it has \(record.fields.count) fields, not \(names.count)")
            }
            for (field, text) in zip(names, record.fields) where !ProductLine.ignored.contains(field) {
                // An empty field is one that is not there.
                if !text.isEmpty { line.set(field, text: text) }
            }
            return line
        }
    }

    private static func jsonLines(_ text: String) -> [ProductLine] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().compactMap {
            index, json in
            guard json.contains(where: { !$0.isWhitespace }) else { return nil }
            var line = ProductLine(number: index + 1)
            do {
                let object = try JSONDecoder().decode([String: ProductJSON].self, from: Data(json.utf8))
                if let name = RepeatedMember.name(in: Array(json.utf8)) {
                    line.fail(name, "\(name.prefix(50)) stands twice")
                }
                for (field, value) in object.sorted(by: { $0.key < $1.key }) { line.set(field, value) }
            } catch {
                line.fail("*", "it is no JSON object of texts and whole numbers")
            }
            return line
        }
    }
}

/// A member of a product in JSON.
private enum ProductJSON: Decodable {
    case none
    case number(Int64)
    case text(String)

    init(from decoder: any Swift.Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }
}

extension ProductLine {
    fileprivate mutating func set(_ field: String, _ value: ProductJSON) {
        if Self.ignored.contains(field) { return }
        guard Self.fields.contains(field) else { return fail(field, "there is no field '\(field.prefix(50))'") }
        let isNumber = ["price", "amount", "user_id"].contains(field)
        switch value {
        case .none: break
        case .number(let number): set(field, number: number)
        case .text where isNumber:
            given.insert(field)
            fail(field, "\(field) must be a whole number")
        case .text(let text): set(field, text: text)
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
