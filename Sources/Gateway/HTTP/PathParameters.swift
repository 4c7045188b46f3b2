import Hummingbird

/// The segment that follows `/api/products/`: digits are an id, anything else a category.
enum ProductSelector: Equatable {
    case id(Int64)
    case category(String)

    /// Throws a ``Problem`` for an id beyond 64 bits or zero, and for a category that is no text.
    ///
    /// - Parameter segment: As in the path, with its escapes.
    init(_ segment: String) throws(Problem) {
        let text = segment.removingPercentEscapes()
        if let text, !text.isEmpty, text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) {
            self = .id(try PathParameter.id(text, "id"))
        } else {
            var checks = FieldChecks()
            let category = text ?? "\u{0}"
            checks.text(category, "category", length: 1...100)
            try checks.finish()
            self = .category(category)
        }
    }
}

enum PathParameter {
    /// A positive 64-bit number in plain decimal digits.
    static func id(_ text: String, _ name: String) throws(Problem) -> Int64 {
        guard text.utf8.first != UInt8(ascii: "+"), let id = Int64(text), id > 0 else {
            throw .invalidField(name, "must be a positive whole number of at most 64 bits")
        }
        return id
    }
}

extension GatewayContext {
    /// The id captured from the path as `name`.
    func id(_ name: String) throws(Problem) -> Int64 {
        try PathParameter.id(parameters.get(name)?.removingPercentEscapes() ?? "", name)
    }
}
