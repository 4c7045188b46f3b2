import Testing

@testable import Gateway

@Suite struct TextTests {
    @Test func tellsIDsFromCategories() throws {
        #expect(try ProductSelector("12") == .id(12))
        #expect(try ProductSelector("007") == .id(7))
        #expect(try ProductSelector("shoes") == .category("shoes"))
        #expect(try ProductSelector("12a") == .category("12a"))
        #expect(try ProductSelector("%31") == .id(1))
        #expect(try ProductSelector("-1") == .category("-1"))
        #expect(try ProductSelector("toys%20%26%20games") == .category("toys & games"))
        #expect(try ProductSelector("%D1%82%D0%BE%D0%B9%D1%81") == .category("тойс"))
    }

    @Test(arguments: ["0", "9223372036854775808", "a%00b", "%zz", "%f", "%ff", ""])
    func refusesWhatIsNeither(_ segment: String) {
        let error = #expect(throws: Problem.self) { try ProductSelector(segment) }
        #expect(error?.code == "invalid_field")
    }

    @Test(arguments: ["", "0", "-1", "+1", "1.0", "x", " 1", "9223372036854775808"])
    func refusesWhatIsNoID(_ text: String) {
        let error = #expect(throws: Problem.self) { try PathParameter.id(text, "user_id") }
        #expect(error?.errors.map(\.field) == ["user_id"])
    }

    @Test func checksText() {
        var checks = FieldChecks()
        checks.text("fine", "a", length: 1...4)
        checks.text("two\nlines", "b", length: 1...100, multiline: true)
        #expect(checks.errors.isEmpty)
        checks.text("", "c", length: 1...4)
        checks.text("longer", "d", length: 1...4)
        checks.text("a\u{0}", "e", length: 1...4, multiline: true)
        checks.text("a\nb", "f", length: 1...4)
        #expect(checks.errors.map(\.field) == ["c", "d", "e", "f"])
    }
}
