import Testing

@testable import Telemetry

@Suite("A bound on combining marks, for text as such, in JSON and among other bytes")
struct StreamSafeTextTests {
    private static func letter(_ marks: Int, _ mark: String) -> String { "e" + String(repeating: mark, count: marks) }

    @Test(
        "A letter has thirty marks at most, of any length in UTF-8",
        arguments: ["\u{301}", "\u{5B0}", "\u{20D0}", "\u{1D165}"])
    func text(mark: String) {
        let (few, many) = (Self.letter(30, mark), Self.letter(31, mark))
        #expect(StreamSafeText.holds(few + few))
        #expect(!StreamSafeText.holds(many))
        #expect(StreamSafeText.holds(json: Array("[\"\(few)\", \"\(few)\"]".utf8)))
        #expect(!StreamSafeText.holds(json: Array("{\"\(many)\": 1}".utf8)))
    }

    @Test(
        "Marks count whether they are escaped in JSON or not",
        arguments: [#"\u0301"#, #"\u05b0"#, #"\u05B0"#, #"\ud834\udd65"#])
    func escaped(mark: String) {
        let (few, many) = (Self.letter(30, mark), Self.letter(31, mark))
        #expect(StreamSafeText.holds(json: Array("[\"\(few)\", \"\(few)\"]".utf8)))
        #expect(!StreamSafeText.holds(json: Array("{\"\(many)\": 1}".utf8)))
        #expect(!StreamSafeText.holds(json: Array("[\"\(few)\u{301}\"]".utf8)))
    }

    @Test(
        "Text that is long, broken or full of escapes is fine", arguments: [#"\u0416"#, #"\ud83d\ude00"#, #"\n"#, "Ж"])
    func fine(text: String) {
        #expect(StreamSafeText.holds(json: Array("[\"\(String(repeating: text, count: 100))\"]".utf8)))
        #expect(StreamSafeText.holds(json: Array(#"["\u03"#.utf8) + [0xCC, 0x22, 0xFF, 0x81]))
    }

    @Test("Bytes may come in parts, and be no text")
    func parts() {
        var marks = MarkCount()
        let many = Array(Self.letter(31, "\u{301}").utf8)
        let takes = many.map { byte in withUnsafeBytes(of: byte) { marks.take($0) } }
        // Told with the last byte of the last mark.
        #expect(takes.dropLast().allSatisfy { $0 } && takes.last == false)

        var others = MarkCount()
        let noise = (0..<100).flatMap { _ in [0xCC, 0x81, 0xF8, 0x80] as [UInt8] }
        #expect(noise.withUnsafeBytes { others.take($0) })
    }
}
