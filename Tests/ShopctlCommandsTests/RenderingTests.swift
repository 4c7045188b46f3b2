import FoundationEssentials
import Testing

@testable import ShopctlCommands

@Suite("One result in every format")
struct RenderingTests {
    private struct People: Report {
        let names: [String]
        var page: Page? { Page(count: names.count, total: 61, next: "abc") }
        var columns: [Table.Column] { [.left("NAME"), .right("AGE", "age", extra: true)] }
        var body: ReportBody { .many("people", names.map { ["name": .text($0), "age": 7] }) }

        func table(_ style: TextStyle) -> String {
            var table = Table(columns)
            for name in names { table.add(texts: [name, "7"]) }
            return table.text(style)
        }
    }

    private func text(_ format: OutputFormat, columns: [String]? = nil) throws -> String {
        try Renderer.text(
            People(names: ["山田", "Bob"]), as: format, style: TextStyle(isWide: format == .wide, columns: columns))
    }

    @Test("Table, wide, JSON, JSON lines and YAML")
    func formats() throws {
        #expect(try text(.table) == "NAME\n山田\nBob\n")
        #expect(try text(.wide) == "NAME  AGE\n山田    7\nBob     7\n")
        #expect(
            try text(.json) == """
                {
                  "schema_version": 1,
                  "people": [
                    {
                      "name": "山田",
                      "age": 7
                    },
                    {
                      "name": "Bob",
                      "age": 7
                    }
                  ],
                  "total": 61,
                  "next_cursor": "abc"
                }

                """)
        #expect(
            try text(.jsonl)
                == #"{"schema_version":1,"name":"山田","age":7}"# + "\n" + #"{"schema_version":1,"name":"Bob","age":7}"#
                + "\n")
        #expect(
            try text(.yaml)
                == "schema_version: 1\npeople:\n  - name: \"山田\"\n    age: 7\n  - name: Bob\n    age: 7\n"
                + "total: 61\nnext_cursor: abc\n")
    }

    @Test("Columns are members for programs, and one that is not there is refused with those that are")
    func columns() throws {
        #expect(try text(.jsonl, columns: ["Age"]).hasPrefix(#"{"schema_version":1,"age":7}"# + "\n"))
        #expect(try text(.table, columns: ["age"]) == "AGE\n  7\n  7\n")
        for format in [OutputFormat.table, .json] {
            let twice = #expect(throws: CommandFailure.self) { try text(format, columns: ["age", "AGE"]) }
            #expect(twice?.status == .usage, "\(format)")
            let error = #expect(throws: CommandFailure.self) { try text(format, columns: ["nonsense"]) }
            #expect(error?.status == .usage && error?.message?.hasSuffix("there are name,age") == true)
        }
    }

    @Test("A result without columns refuses any, in every format", arguments: OutputFormat.allCases)
    func noColumns(format: OutputFormat) async {
        struct One: Report {
            var body: ReportBody { .one(["id": 7]) }
            func table(_ style: TextStyle) -> String { "7\n" }
        }
        let error = #expect(throws: CommandFailure.self) {
            try Renderer.text(One(), as: format, style: TextStyle(columns: ["id"]))
        }
        #expect(error?.status == .usage && error?.message?.hasSuffix("leave --columns out") == true)
        // A deed is refused before it is done: this one would have asked for a server.
        for arguments in [["product", "show", "1"], ["order", "show", "1"], ["order", "watch", "1"]] {
            let run = await CommandRun(arguments + ["--columns", "id", "-o", format.rawValue])
            #expect(run.status == .usage && run.notes.contains("this result has no columns"), "\(run)")
        }
    }

    @Test("What is a list or not by its arguments has columns where it is one")
    func listings() async {
        let run = await CommandRun(["error", "--columns", "title", "--no-headers"])
        #expect(run.status == .success && !run.output.isEmpty && !run.output.contains("SHOP-"), "\(run)")
        let one = await CommandRun(["error", "101", "--columns", "title"])
        #expect(one.status == .usage && one.notes.contains("this result has no columns"), "\(one)")
    }

    @Test("A list says how much of it is shown, and nothing where that is all")
    func pages() {
        #expect(Page(count: 50, total: 61, next: "c").note == "50 of 61; the next page: --cursor c")
        #expect(Page(count: 61, total: 61, next: nil).note == nil)
    }

    @Test("A cursor comes back as it went; of another list, filter, order or version it is refused, in one way")
    func cursors() throws {
        let list = PagedList("audit list", sort: "-at", ["7", nil])
        let cursor = PageCursor(of: list, key: 1_800_000_000_123_456, source: "orders", id: "ä7")
        #expect(try PageCursor(cursor.text, of: list) == cursor)
        let others = [
            PagedList("audit list", sort: "at", ["7", nil]), PagedList("outbox list", sort: "-at", ["7", nil]),
            PagedList("audit list", sort: "-at", ["8", nil]), PagedList("audit list", sort: "-at", ["7", ""]),
            PagedList("audit list", sort: "-at", [nil, "7"]),
        ]
        let former = Data("1|-at|1|orders|7".utf8).base64EncodedString().replacing("=", with: "")
        let refused =
            others.map { (cursor.text, $0) }
            + ["", "nonsense", "AAAA", cursor.text + "!", former].map { ($0, list) }
        for (text, list) in refused {
            let error = #expect(throws: CommandFailure.self) { try PageCursor(text, of: list) }
            #expect(error?.status == .usage, "\(text)")
            #expect(error?.message?.contains("leave it out for the first page") == true, "\(text)")
        }
    }

    @Test("Numbers with a fraction are numbers, but for those that JSON does not have")
    func decimals() {
        #expect(JSONText.compact(.list([.decimal(0.5), .decimal(-2), .decimal(.infinity)])) == "[0.5,-2.0,null]")
        #expect(YAMLText.document(["rate": .decimal(0.5)]) == "rate: 0.5")
    }
}
