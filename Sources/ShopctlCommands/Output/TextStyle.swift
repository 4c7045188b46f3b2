import FoundationEssentials

/// Parts of a text that stand out.
enum Emphasis: String, Sendable {
    case none = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
}

/// The way in which results are written for people.
struct TextStyle: Sendable {
    var isColoured = false
    /// The cells of a line; nil for as many as it takes.
    var width: Int?
    /// Whether everything is shown whole: ids, times, columns that are otherwise left out.
    var isWide = false
    var hasHeadings = true
    /// The names of the columns to show; nil for the usual ones.
    var columns: [String]?
    /// The present, where times are told as spans before it; nil where they are told as they are.
    var now: Date?
    /// Whether ids are cut to what tells them apart.
    var shortensIDs = false

    static let plain = TextStyle()

    func apply(_ emphasis: Emphasis, _ text: String) -> String {
        isColoured && emphasis != .none ? "\u{1B}[\(emphasis.rawValue)m\(text)\u{1B}[0m" : text
    }

    func bold(_ text: String) -> String { apply(.bold, text) }

    /// Whether times are told as spans before the present.
    var tellsSpans: Bool { now != nil && !isWide }

    /// A time: `3 m ago` on a terminal, RFC 3339 elsewhere and where everything is whole.
    func time(_ date: Date) -> String {
        guard let now, !isWide else { return Timestamp.text(date) }
        return Timestamp.ago(date, now: now)
    }

    /// The same for a time that came as RFC 3339.
    func time(text: String) -> String {
        guard tellsSpans, let date = Timestamp.date(text) else { return Printable.line(text) }
        return time(date)
    }

    /// The same style for a table that is a part of a result: all of its columns.
    var ofPart: TextStyle {
        var copy = self
        copy.columns = nil
        copy.hasHeadings = true
        return copy
    }
}
