import Logging
import Testing

@testable import Telemetry

@Suite("Text from elsewhere on a terminal")
struct TerminalTextTests {
    @Test(
        "What is not seen, or commands, or reorders, is escaped",
        arguments: [
            ("a\u{1B}[2Jb", #"a\x1b[2Jb"#), ("a\nb\r\t", #"a\nb\r\t"#), ("\u{7F}", #"\x7f"#),
            ("\u{9B}31m", #"\u{9b}31m"#),
            ("ab\u{202E}cd", #"ab\u{202e}cd"#), ("\u{200B}", #"\u{200b}"#), ("\u{FEFF}x", #"\u{feff}x"#),
            ("\u{E0041}", #"\u{e0041}"#), ("\u{2028}", #"\u{2028}"#), ("\u{E000}", #"\u{e000}"#),
            ("\u{3164}", #"\u{3164}"#),
            ("\u{301}x", #"\u{301}x"#), ("a \u{301}", #"a \u{301}"#), ("a\u{FE0F}", #"a\u{fe0f}"#),
            ("\u{2066}", #"\u{2066}"#), ("a\u{200D}b", #"a\u{200d}b"#), ("👨\u{200D}", #"👨\u{200d}"#),
            ("1\u{200D}2", #"1\u{200d}2"#),
        ])
    func escaped(text: String, shown: String) {
        #expect(TerminalText.escaped(text) == shown)
        #expect(TerminalText.escaped(shown) == shown)
    }

    @Test(
        "What people write stays",
        arguments: [
            "Ann", "Ёжик", "e\u{301}", "漢字", "❤\u{FE0F}", "naïve \\ \"x\"", "שלום",
            "👨\u{200D}👩🏽\u{200D}👧", "❤\u{FE0F}\u{200D}🔥",
        ])
    func plain(text: String) {
        #expect(TerminalText.escaped(text) == text)
    }

    @Test("A log line for people reorders nothing")
    func log() {
        let record = LogRecord(
            timestamp: .now, level: .warning, label: "x", message: "user \u{202E}nnA\u{9B}",
            metadata: ["reason": "\u{200B}"])
        let line = String(decoding: record.human(coloured: false), as: UTF8.self)
        #expect(line.contains(#"user \u{202e}nnA\u{9b}"#) && line.contains(#"reason=\u{200b}"#))
    }
}
