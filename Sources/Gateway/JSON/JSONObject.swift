/// An object of a request's body, and where in the body it stands: every complaint names the field.
struct JSONObject: Sendable {
    private let members: [String: JSONValue]
    private let path: String

    /// The body itself. Throws a ``Problem`` when it is something else than an object.
    init(body value: JSONValue) throws(Problem) {
        try self.init(value, at: "")
    }

    private init(_ value: JSONValue, at path: String) throws(Problem) {
        guard case .object(let members) = value else {
            throw .invalidField(path.isEmpty ? "the body" : path, "must be an object, not \(value.kind)")
        }
        self.members = members
        self.path = path
    }

    func string(_ name: String) throws(Problem) -> String {
        let value = try required(name)
        guard case .string(let text) = value else { throw wrong(name, "a string", value) }
        return text
    }

    /// The same, nil when it is absent or null.
    func optionalString(_ name: String) throws(Problem) -> String? {
        isAbsent(name) ? nil : try string(name)
    }

    func integer(_ name: String) throws(Problem) -> Int64 {
        let value = try required(name)
        guard case .number(let text) = value else { throw wrong(name, "a whole number", value) }
        guard let number = Int64(text) else {
            throw .invalidField(fieldPath(name), "must be a whole number of at most 64 bits, written without a point")
        }
        return number
    }

    /// The same, nil when it is absent or null.
    func optionalInteger(_ name: String) throws(Problem) -> Int64? {
        isAbsent(name) ? nil : try integer(name)
    }

    /// A list of objects; one of more than `limit` is refused before any of them is looked at.
    func objects(_ name: String, limit: Int) throws(Problem) -> [JSONObject] {
        let value = try required(name)
        guard case .array(let elements) = value else { throw wrong(name, "a list", value) }
        guard elements.count <= limit else { throw .tooManyItems(fieldPath(name), limit: limit) }
        var objects: [JSONObject] = []
        for (index, element) in elements.enumerated() {
            objects.append(try JSONObject(element, at: "\(fieldPath(name))[\(index)]"))
        }
        return objects
    }

    /// Whether the member is there, null or not.
    func contains(_ name: String) -> Bool {
        members[name] != nil
    }

    /// Whether the member is there and null.
    func isNull(_ name: String) -> Bool {
        members[name] == .null
    }

    private func required(_ name: String) throws(Problem) -> JSONValue {
        guard let value = members[name] else { throw .invalidField(fieldPath(name), "is required") }
        return value
    }

    private func isAbsent(_ name: String) -> Bool {
        members[name] == nil || members[name] == .null
    }

    private func wrong(_ name: String, _ expected: String, _ value: JSONValue) -> Problem {
        .invalidField(fieldPath(name), "must be \(expected), not \(value.kind)")
    }

    private func fieldPath(_ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }
}
