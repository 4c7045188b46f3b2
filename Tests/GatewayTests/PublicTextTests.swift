import HTTPTypes
import Hosting
import Testing

@testable import Gateway

/// What others are shown can be seen, and does not reorder what stands around it.
@Suite struct PublicTextTests {
    private static let unseen = [
        "\u{200B}", "\u{200B}\u{FEFF}\u{2060}", "\u{200E}\u{200F}", "\u{301}", "\u{301}\u{20DD}", "\u{E000}",
        "\u{E0041}",
        "\u{378}", "\u{AD}", "\u{3164}", "\u{115F}", "\u{2800}", "\u{A0}\u{3000}", " \u{200B} \u{301} ", "\u{FE0F}",
        "\u{61C}",
        "\u{2028}",
    ]
    private static let reordering = ["ab\u{202E}cd", "\u{202A}a\u{202C}", "a\u{2066}b\u{2069}", "\u{202D}abc"]
    private static let fine = [
        "Ann", "Ёжик", "אבג\u{200F}", "می\u{200C}خواهم", "👨\u{200D}👩\u{200D}👧", "❤\u{FE0F}", "e\u{301}", "漢字", "7", "!",
        "Anna-Maria",
    ]

    private func fields(_ text: String, multiline: Bool = false) -> [String] {
        var checks = FieldChecks()
        checks.publicText(text, "text", length: 0...100, multiline: multiline)
        return checks.errors.map(\.detail)
    }

    @Test(arguments: unseen) func whatCannotBeSeenIsRefused(_ text: String) {
        #expect(fields(text).contains { $0.contains("can be seen") })
        #expect(fields("\n" + text, multiline: true).contains { $0.contains("can be seen") })
    }

    @Test(arguments: reordering) func whatReordersIsRefused(_ text: String) {
        #expect(fields(text).contains { $0.contains("direction") })
    }

    @Test(arguments: fine) func whatPeopleWriteIsTaken(_ text: String) {
        #expect(fields(text).isEmpty && fields("\(text)\n\(text)", multiline: true).isEmpty)
    }

    @Test func whatWasStoredBeforeIsMadeFit() {
        for text in Self.fine + ["", "a\nb"] { #expect(PublicText.shown(text) == text) }
        for text in Self.unseen { #expect(PublicText.shown(text) == "\u{FFFD}") }
        #expect(PublicText.shown("ab\u{202E}cd\u{202C}") == "abcd" && PublicText.shown("\u{202E}") == "\u{FFFD}")
    }

    @Test func everyTextThatOthersSeeIsChecked() async throws {
        let gateway = try InProcessGateway(peers: Peers(local: []))
        let bad = "\u{202E}\u{200B}"
        let user = try await gateway.call(
            .post, "/auth/signup", #"{"name":"\#(bad)","email":"a@b.co","password":"correct horse"}"#)
        #expect(Set(user.fields) == ["name"])
        let texts = #""name":"\#(bad)","category":"\#(bad)","description":"\#(bad)""#
        let product = try await gateway.call(.post, "/api/products", as: 1, #"{\#(texts),"amount":1,"price":1}"#)
        #expect(Set(product.fields) == ["name", "category", "description"])
        let change = try await gateway.call(.patch, "/api/products/7", as: 1, "{\(texts)}")
        #expect(Set(change.fields) == ["name", "category", "description"])
        let review = try await gateway.call(
            .post, "/api/reviews", as: 1, #"{"text":"\#(bad)","evaluation":5,"product_id":7}"#)
        #expect(Set(review.fields) == ["text"])
    }
}
