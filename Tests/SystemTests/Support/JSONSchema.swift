import FoundationEssentials

/// The part of JSON Schema that the schemas in docs/json use.
struct JSONSchema {
    private let document: JSON
    private let root: JSON

    init(name: String) throws {
        let path = repositoryPath("docs/json/\(name).schema.json")
        let document = try JSON(try Data(contentsOf: URL(filePath: path)))
        self.init(document, root: document)
    }

    private init(_ document: JSON, root: JSON) {
        self.document = document
        self.root = root
    }

    /// The schema of a line of `-o jsonl`; nil for the schema of a result that is no list.
    var line: JSONSchema? {
        let line = document["$defs"]["line"]
        return line == .null ? nil : JSONSchema(document, root: line)
    }

    /// Whatever a value has that the schema does not allow, by place; empty for a value that conforms.
    func faults(in value: JSON) -> [String] { faults(value, root, "$") }

    /// A schema, with the definition of its document in it that it refers to.
    static func resolved(_ schema: JSON, in document: JSON) -> JSON {
        guard let name = schema["$ref"].text?.split(separator: "/").last,
            case .object(var members) = document["$defs"][String(name)],
            case .object(var properties)? = members["properties"]
        else { return schema }
        for name in schema["properties"].names { properties[name] = schema["properties"][name] }
        members["properties"] = .object(properties)
        members["required"] = .list((members["required"]?.list ?? []) + schema["required"].list)
        members["additionalProperties"] = schema["unevaluatedProperties"]
        return .object(members)
    }

    private func faults(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
        let schema = Self.resolved(schema, in: document)
        if schema["const"] != .null { return value == schema["const"] ? [] : ["\(place) is not \(schema["const"])"] }
        if schema.names.contains("enum") {
            return schema["enum"].list.contains(value) ? [] : ["\(place) is \(value), of \(schema["enum"].list)"]
        }
        let types = schema["type"].text.map { [$0] } ?? schema["type"].list.compactMap(\.text)
        guard types.contains(value.schemaType) else { return ["\(place) is \(value.schemaType), not \(types)"] }
        switch value {
        case .object: return objectFaults(value, schema, place)
        case .list(let items):
            return items.enumerated().flatMap { faults($1, schema["items"], "\(place)[\($0)]") }
        case .text(let text):
            switch schema["format"].text {
            case "date-time": return text.isTime ? [] : ["\(place) is no time: \(text)"]
            case "uuid": return UUID(uuidString: text) != nil ? [] : ["\(place) is no UUID: \(text)"]
            default: return []
            }
        default: return []
        }
    }

    private func objectFaults(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
        let known = schema["properties"]
        let missing = schema["required"].list.compactMap(\.text).filter { !value.names.contains($0) }
        return missing.map { "\(place) lacks \($0)" }
            + value.names.sorted().flatMap { name -> [String] in
                if known.names.contains(name) { return faults(value[name], known[name], "\(place).\(name)") }
                let other = schema["additionalProperties"]
                return other == false ? ["\(place) has \(name)"] : faults(value[name], other, "\(place).\(name)")
            }
    }
}

extension JSON {
    fileprivate var schemaType: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .text: "string"
        case .list: "array"
        case .object: "object"
        }
    }

    /// The value with each leaf replaced by what it is, and each list by its first element: the same for every run.
    var structure: JSON {
        switch self {
        case .null: .null
        case .bool, .integer, .number: .text(schemaType)
        case .text(let text): .text(UUID(uuidString: text) != nil ? "uuid" : text.isTime ? "time" : "string")
        case .list(let items): .list(items.prefix(1).map(\.structure))
        case .object(let members): .object(members.mapValues(\.structure))
        }
    }
}

extension String {
    fileprivate var isTime: Bool {
        (try? Date(self, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))) != nil
            || (try? Date(self, strategy: Date.ISO8601FormatStyle())) != nil
    }
}
