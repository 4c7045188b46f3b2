import Testing

@testable import ShopctlCommands

@Suite("What commands print")
struct OutputTests {
    private let hostile = "Ann\u{202E}\u{1B}]0;x\u{7}\n\u{200B}\u{9B}2J"

    @Test("A table shows names from elsewhere escaped, and its columns stay in line")
    func table() {
        var table = Table([.left("NAME"), .left("MAIL")])
        table.add(texts: [hostile, "a"])
        table.add([.styled("\u{301}", .red), .plain("b")])
        let text = table.text(.plain)
        #expect(text.contains(#"Ann\u{202e}\x1b]0;x\x07\n\u{200b}\u{9b}2J"#))
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(Set(lines.map { $0.firstIndex { "MabL".contains($0) } != nil }) == [true])
        #expect(lines[1].count == lines[2].count)
        #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.value < 0x20 })
        #expect(table.text(TextStyle(isColoured: true)).contains("\u{1B}[31m\\u{301}\u{1B}[0m"))
    }

    @Test("JSON is the same data, with nothing in it for a terminal to obey")
    func json() {
        #expect(
            JSONText.quoted("a\u{9B}\u{202E}b\u{200B}é😀") == #""a\u009b\u202eb\u200bé😀""#)
    }

    @Test("Errors with several lines keep them")
    func lines() {
        #expect(Printable.lines("a\u{1B}\nb") == "a\\x1b\nb")
    }
}
