public import FoundationEssentials

extension Date {
    /// RFC 3339, UTC, to the millisecond: the form of every time in an answer.
    public var rfc3339: String { formatted(ISO8601FormatStyle(includingFractionalSeconds: true)) }
}
