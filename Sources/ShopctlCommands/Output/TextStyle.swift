/// How a piece of text stands out.
enum Emphasis: String, Sendable {
    case none = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
}

/// Emphasis for terminals; nothing where there is no colour.
struct TextStyle: Sendable {
    var isColoured = false

    static let plain = TextStyle()

    func apply(_ emphasis: Emphasis, _ text: String) -> String {
        isColoured && emphasis != .none ? "\u{1B}[\(emphasis.rawValue)m\(text)\u{1B}[0m" : text
    }

    func bold(_ text: String) -> String { apply(.bold, text) }
}
