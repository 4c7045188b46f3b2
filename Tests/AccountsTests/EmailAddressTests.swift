import Testing

@testable import Accounts

@Suite struct EmailAddressTests {
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
}
