import Testing

@testable import Gateway

@Suite struct TextTests {
    @Test(arguments: ["a@b.co", "First.Last+tag@Example.COM", "x_'!#$%&*/=?^`{|}~-@sub.example.org", " a@b.co "])
    func takesAddresses(_ text: String) throws {
        let address = try #require(EmailAddress(text))
        #expect(address.key == address.address.lowercased())
        #expect(!address.address.contains(" "))
    }

    @Test(arguments: [
        "", "a", "@b.co", "a@", "a@b", "a@@b.co", "a@b@c.co", "a b@c.co", ".a@b.co", "a.@b.co", "a..b@c.co", "a@.co",
        "a@b.", "a@-b.co", "a@b-.co", "a@b..co", "é@b.co", "a@é.co", "a\u{0}@b.co", "a@b.co\n",
        String(repeating: "a", count: 65) + "@b.co", "a@" + String(repeating: "b.", count: 130) + "co",
    ])
    func refusesWhatIsNoAddress(_ text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test func tellsAccountsApartWithoutRegardToCase() {
        #expect(EmailAddress("Ann@Example.com") == EmailAddress("ann@example.COM"))
        #expect(EmailAddress("ann@example.com") != EmailAddress("anne@example.com"))
    }

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

    @Test func refreshTokensAreRandomAndKnownByTheirHash() throws {
        let one = RefreshToken()
        let other = RefreshToken()
        #expect(one.secret != other.secret)
        #expect(one.secret.utf8.count == 43)
        #expect(one.hash.count == 32)
        #expect(try #require(RefreshToken(one.secret)).hash == one.hash)
        #expect(RefreshToken("short") == nil)
        #expect(RefreshToken(String(repeating: "!", count: 43)) == nil)
    }
}
