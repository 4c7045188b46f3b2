import Testing

@testable import Gateway

@Suite struct QueryParameterTests {
    private func fields(_ query: String, _ read: (inout QueryParameters) -> Void) -> [String] {
        var parameters = QueryParameters(query: query)
        read(&parameters)
        do throws(Problem) {
            try parameters.finish()
            return []
        } catch {
            return error.errors.map(\.field)
        }
    }

    @Test func readsThemAsBrowsersWriteThem() throws {
        var query = QueryParameters(query: "q=tea+pot%20%D1%87%26&limit=200&other=%zz&cursor=ab-_&flag=true&empty")
        #expect(query.text("q", limit: 20) == "tea pot ч&")
        #expect(query.limit() == 200)
        #expect(query.cursor() == "ab-_")
        #expect(query.flag("flag") == true)
        #expect(query.flag("absent") == false)
        #expect(query.text("empty", limit: 20) == nil)
        #expect(query.integer("absent", 1...5) == nil)
        #expect(query.hasAny(of: "nothing", "limit") && !query.hasAny(of: "nothing"))
        try query.finish()
    }

    @Test(arguments: ["0", "201", "-1", "+5", "1.5", "1e2", "", "x", " 1", "99999999999999999999"])
    func refusesOtherLimits(_ text: String) {
        #expect(fields("limit=\(text)") { _ = $0.limit() } == ["limit"])
    }

    @Test(arguments: ["x=1&x=2", "x=1&x", "x=%zz", "x=%ff", "x=a%00b", "x=toolong"])
    func refusesWhatCannotBeMeant(_ query: String) {
        #expect(fields(query) { _ = $0.text("x", limit: 5) } == ["x"])
    }

    @Test func refusesOtherWords() {
        #expect(fields("flag=yes") { _ = $0.flag("flag") } == ["flag"])
        #expect(fields("sort=up") { _ = $0.choice("sort", ["down": 1]) } == ["sort"])
    }

    @Test func namesAllThatIsWrong() {
        #expect(
            fields("limit=0&flag=1&cursor=%ff") { _ = ($0.limit(), $0.flag("flag"), $0.cursor()) }
                == ["limit", "flag", "cursor"])
    }
}
