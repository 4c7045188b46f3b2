import Hosting

/// An object of a request's body, and where in the body it stands: every complaint names the field. It has no members
/// but those it may have.
struct JSONObject: Sendable {
    private let members: [String: JSONValue]
    private let known: [String]
    private let path: String

    /// The body itself. Throws a ``Problem`` when it is something else than an object, and when it has other members
    /// than these.
    init(body value: JSONValue, members: [String]) throws(Problem) {
        try self.init(value, at: "", members: members)
    }

    private init(_ value: JSONValue, at path: String, members known: [String]) throws(Problem) {
        guard case .object(let members) = value else {
            throw .invalidField(path.isEmpty ? "the body" : path, "must be an object, not \(value.kind)")
        }
        self.members = members
        self.known = known
        self.path = path
        let unknown = members.keys.filter { !known.contains($0) }.sorted()
        if unknown.isEmpty { return }
        throw .invalidFields(
            unknown.prefix(Self.unknownLimit).map { name in
                Problem.FieldError(field: fieldPath(Self.shortened(name)), detail: Self.advice(on: name, known))
            })
    }

    /// The most unknown members that one answer names.
    private static let unknownLimit = 20

    private static func advice(on name: String, _ known: [String]) -> String {
        guard let nearest = Spelling.nearest(to: name, among: known) else {
            return "is not known here; what may stand here: \(known.joined(separator: ", "))"
        }
        return "is not known here; did you mean \(nearest)?"
    }

    /// A client's own name for something, for an answer.
    private static func shortened(_ name: String) -> String {
        let scalars = name.unicodeScalars
        return scalars.count > 60 ? "\(Substring(scalars.prefix(60)))…" : name
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
    ///
    /// - Parameter members: What each may have.
    func objects(_ name: String, limit: Int, members: [String]) throws(Problem) -> [JSONObject] {
        let value = try required(name)
        guard case .array(let elements) = value else { throw wrong(name, "a list", value) }
        guard elements.count <= limit else { throw .tooManyItems(fieldPath(name), limit: limit) }
        var objects: [JSONObject] = []
        for (index, element) in elements.enumerated() {
            objects.append(try JSONObject(element, at: "\(fieldPath(name))[\(index)]", members: members))
        }
        return objects
    }

    /// Whether the member is there, null or not.
    func contains(_ name: String) -> Bool {
        assertKnown(name)
        return members[name] != nil
    }

    /// Whether the member is there and null.
    func isNull(_ name: String) -> Bool {
        members[name] == .null
    }

    /// A member that is read must be on the list, or clients could never send it.
    private func assertKnown(_ name: String) {
        assert(known.contains(name), "\(name) is not among the members of this object")
    }

    private func required(_ name: String) throws(Problem) -> JSONValue {
        assertKnown(name)
        guard let value = members[name] else { throw .invalidField(fieldPath(name), "is required") }
        return value
    }

    private func isAbsent(_ name: String) -> Bool {
        assertKnown(name)
        return members[name] == nil || members[name] == .null
    }

    private func wrong(_ name: String, _ expected: String, _ value: JSONValue) -> Problem {
        .invalidField(fieldPath(name), "must be \(expected), not \(value.kind)")
    }

    private func fieldPath(_ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }
}
