import HTTPTypes

extension HTTPFields {
    /// The elements of a field that is a list (RFC 9110, section 5.6.1).
    func list(_ name: HTTPField.Name) -> [String] {
        self[values: name].flatMap { $0.split(separator: ",") }.map { element in
            let start = element.drop(while: \.isBlank)
            guard let last = start.lastIndex(where: { !$0.isBlank }) else { return "" }
            return String(start[...last])
        }
    }

    /// Whether a field that lists tokens has this one, which is given in lower case.
    func hasToken(_ token: String, _ name: HTTPField.Name) -> Bool {
        list(name).contains { $0.lowercased() == token }
    }
}

extension Character {
    /// Whether it is a space or a tab, which may stand around an element.
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
}
