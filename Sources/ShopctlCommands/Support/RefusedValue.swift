import Events

/// A value that the parser refuses without a word on what it would take.
struct RefusedValue: Sendable, Equatable {
    /// The refusal, with the forms that are valid where they are known.
    let text: String

    /// - Parameter message: The parser's own words; nil comes of all that is no such refusal.
    init?(_ message: String, _ arguments: [String]) {
        let parts = message.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        if message.hasPrefix("The value '"), parts.count >= 3, let name = parts.dropLast().last, message.hasSuffix("'")
        {
            guard let form = Self.form(of: name) else { return nil }
            let isLarge =
                form == Self.number && parts[1].count > 18 && parts[1].utf8.allSatisfy { (48...57).contains($0) }
            text = "\(message): \(isLarge ? "it is too large, \(Int64.max) at most" : form)"
            return
        }
        guard message.hasPrefix("Missing value for '") || message.hasPrefix("Missing expected argument '"),
            parts.count == 3, let form = Self.form(of: parts[1])
        else { return nil }
        // A value that begins with a dash is taken for an option.
        let option = parts[1].split(separator: " ").first.map(String.init) ?? ""
        let candidates =
            option.hasPrefix("-")
            ? zip(arguments, arguments.dropFirst()).filter { $0.0 == option }.map { $0.1 } : arguments
        guard let value = candidates.first(where: Self.isNegative) else { return nil }
        text = "The value '\(value)' is invalid for '\(parts[1])': \(form)"
    }

    private static func isNegative(_ word: String) -> Bool {
        word.hasPrefix("-") && word.dropFirst().first?.isNumber == true
    }

    private static let number = "a whole number, not negative"

    /// The values that an option or argument takes, by the name that its value has in the help.
    private static func form(of name: String) -> String? {
        guard let begin = name.lastIndex(of: "<") else { return nil }
        switch name[begin...] {
        case "<time>": return "a time such as 2026-11-26T14:00:00Z, or a span before now: 90s, 20m, 12h, 7d"
        case "<span>": return "a span of whole seconds, minutes, hours or days: 90s, 20m, 12h, 7d"
        case "<id>", "<count>", "<price>", "<amount>": return number
        case "<saga-or-subject>":
            return "a saga's id, its first 8 characters or more, an order's id, or product:ID"
        case "<id:quantity[@price]>": return "a product's id and how many, as in 3:2, or 3:2@1990 at that price"
        case "<rate>": return "a number in a time, as in 5/s, 30/m or 100/h"
        case "<name,...>" where name.hasPrefix("--group-by "): return "some of state, reason, step, with commas between"
        case "<queue>":
            return "one of \(Topology.shop.services.flatMap { $0.queues.map(\.name) }.joined(separator: ", "))"
        default: return nil
        }
    }
}
