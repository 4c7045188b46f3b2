import Hosting
import Testing

@testable import Gateway

/// A letter with more combining marks than any language needs is refused before it is compared.
@Suite struct CombiningMarkTests {
    private func letter(_ marks: Int, _ mark: String = "\u{301}") -> String {
        "e" + String(repeating: mark, count: marks)
    }

    @Test func aQueryHasFewOnALetter() throws {
        let (few, many) = (letter(30, "%CC%81"), letter(31, "%CC%81"))
        var fine = QueryParameters(query: "q=\(few)&\(few)=1")
        #expect(fine.text("q", limit: 100)?.unicodeScalars.count == 31)
        #expect(fine.hasAny(of: letter(30)))
        try fine.finish()

        var query = QueryParameters(query: "q=\(many)&\(many)=1")
        #expect(query.text("q", limit: 100) == nil)
        #expect(!query.hasAny(of: letter(31)))
        #expect(throws: Problem.self) { try query.finish() }
    }

    @Test func aTextForOthersHasFewOnALetter() {
        #expect(PublicText.faults(in: letter(30)).isEmpty)
        #expect(PublicText.faults(in: letter(31)) == ["must not have more than 30 combining marks on a letter"])
    }
}
