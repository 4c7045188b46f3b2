import Telemetry

/// Text from elsewhere, made fit for a terminal.
enum Printable {
    /// One line; what a reader would not see, or what would do things to a terminal, is escaped.
    static func line(_ text: String) -> String { TerminalText.escaped(text) }

    /// The same for text that may have several lines.
    static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }.joined(separator: "\n")
    }
}
