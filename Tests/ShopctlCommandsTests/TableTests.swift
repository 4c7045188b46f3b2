import FoundationEssentials
import Testing

@testable import ShopctlCommands

@Suite("Tables for people")
struct TableTests {
    private func table(_ rows: [[Table.Cell]]) -> Table {
        var table = Table([.left("NAME"), .right("AMOUNT"), .left("NOTE", "concern")])
        for row in rows { table.add(row) }
        return table
    }

    private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    @Test("Columns are aligned by the cells that characters take")
    func cells() {
        let text = table([
            [.plain("山田太郎🦊"), .plain("1"), .plain("x")], [.plain("Zoë"), .plain("10"), .plain("x")],
            [.plain("👩🏽"), .plain("100"), .plain("x")], [.plain("e\u{301}❤\u{FE0F}"), .plain("7"), .plain("x")],
        ]).text(.plain)
        let places = lines(text).dropFirst().map { CellWidth.of(String($0.prefix { $0 != "x" })) }
        #expect(Set(places).count == 1, "\(text)")
        // One picture of several is escaped by nobody, and is as wide as one.
        let family = "👨\u{200D}👩\u{200D}👧\u{200D}👦"
        #expect(Table.Cell.plain(family).text == family && CellWidth.of(family) == 2)
        #expect(CellWidth.of("山田太郎🦊") == 10 && CellWidth.of("Zoë") == 3)
    }

    @Test("No line ends with a blank", arguments: [nil, 40] as [Int?])
    func trailingBlanks(width: Int?) {
        let text = table([
            [.plain("Ann"), .plain(""), .plain("")], [.plain("Bob"), .plain("10"), .styled("", .red)],
            [.plain(""), .plain(""), .plain("a note that goes on and on and on and on")],
        ]).text(TextStyle(isColoured: true, width: width))
        #expect(lines(text).allSatisfy { !$0.hasSuffix(" ") && !$0.hasSuffix(" \u{1B}[0m") }, "\(text)")
    }

    @Test("A table is as wide as the terminal; what is cut says so, and is whole where it is wide or goes elsewhere")
    func width() {
        let note = "漢字 and a note that does not fit the terminal at all"
        let table = table([[.plain("Ann"), .plain("10"), .plain(note)]])
        let narrow = table.text(TextStyle(width: 30))
        #expect(lines(narrow).allSatisfy { CellWidth.of($0) <= 30 } && narrow.contains("…"), "\(narrow)")
        #expect(narrow.contains("Ann") && narrow.contains("10"))
        #expect(table.text(TextStyle(width: 30, isWide: true)).contains(note) && table.text(.plain).contains(note))
    }

    private static let products: Table = {
        var table = Table([
            .right("ID"), .left("NAME"), .left("CATEGORY"), .right("PRICE"), .right("IN STOCK"), .left("SEEN"),
            .left("PART", whole: true), .left("NOTE", vital: true),
        ])
        table.add([
            .plain("1234567"), .plain("A cup that is blue"), .plain("kitchenware"), .plain("19990.50 EUR"),
            .plain("123456"), .time(Date(timeIntervalSince1970: 1_799_999_800)), .plain("16 of 16"),
            .plain("soon on sale again"),
        ])
        return table
    }()
    private static let numbers = ["1234567", "19990.50 EUR", "123456", "3 m ago", "16 of 16"]

    @Test("Whatever a terminal's width, lines fit it, and no number, amount or count is cut", arguments: 20...130)
    func narrow(width: Int) {
        let style = TextStyle(width: width, now: Date(timeIntervalSince1970: 1_800_000_000))
        let text = Self.products.text(style)
        #expect(lines(text).allSatisfy { CellWidth.of($0) <= max(width, 31) }, "\(text)")
        // A beginning of a number that is no whole number would stand before the mark of a cut.
        let cut = text.split(whereSeparator: \.isWhitespace).filter { $0.hasSuffix("…") }
        #expect(cut.allSatisfy { !$0.contains(where: \.isNumber) }, "\(text)")
        #expect(text.contains("1234567"), "\(text)")
        let left = Self.numbers.filter { !text.contains($0) }.count
        #expect(left == 0 || text.contains("left out: see -o wide"), "\(text)")
    }

    @Test("Columns go from the right, those without anything first, and the vital ones stay; a note tells of them")
    func leftOut() {
        let text = Self.products.text(TextStyle(width: 40, now: Date(timeIntervalSince1970: 1_800_000_000)))
        #expect(lines(text)[0].hasPrefix("     ID  NAME") && lines(text)[0].hasSuffix("NOTE"), "\(text)")
        #expect(!text.contains("PART") && lines(text)[2] == "5 columns left out: see -o wide", "\(text)")
        let wide = Self.products.text(TextStyle(width: 40, isWide: true))
        #expect(Self.products.columns.allSatisfy { wide.contains($0.title) } && !wide.contains("left out"), "\(wide)")
        var sparse = Table([.left("NAME"), .right("AMOUNT"), .right("ORDER")])
        sparse.add(texts: ["Ann", "1234567890", ""])
        #expect(sparse.text(TextStyle(width: 16)) == "NAME      AMOUNT\nAnn   1234567890\n")
    }

    @Test(
        "Names stay whole for copying: columns without anything go first, minor ones next, and all that went are counted"
    )
    func names() {
        var table = Table([
            .left("SERVICE"), .left("QUEUE"), .right("READY"), .left("CANCELLATION REASON"),
            .right("IN/S", minor: true),
            .right("DEAD"), .left("NOTE", vital: true),
        ])
        table.add(texts: [
            "customers", "customers.inbox.v2", "0", "", "0.0", "14", "messages failed and wait for a try",
        ])
        table.add(texts: ["products", "products.inbox.v2", "12", "-", "0.1", "0", ""])
        let text = table.text(TextStyle(width: 68))
        #expect(
            text == """
                SERVICE    QUEUE               READY  DEAD  NOTE
                customers  customers.inbox.v2      0    14  messages failed and wai…
                products   products.inbox.v2      12     0
                2 columns left out: see -o wide

                """, "\(text)")
    }

    @Test("Prose that is to be whole goes on below; a course of events has times by the clock")
    func wrapped() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        var table = Table([.left("TIME"), .left("WHERE"), .left("WHAT", vital: true, wraps: true)])
        table.add([
            .clock(now - 200), .plain("orders"), .plain("started order-placement of order 3; customers are asked"),
        ])
        table.add([.clock(now - 86_400), .plain("products"), .plain("done")])
        #expect(
            table.text(TextStyle(width: 60, now: now)) == """
                TIME                      WHERE     WHAT
                07:56:40.000Z             orders    started order-placement
                                                    of order 3; customers
                                                    are asked
                2027-01-14 08:00:00.000Z  products  done

                """)
        #expect(lines(table.text(.plain))[1].hasPrefix("2027-01-15T07:56:40.000Z  orders    started order-"))
        #expect(CellWidth.wrapped("a-word-longer-than-it", to: 8) == ["a-word-l", "onger-th", "an-it"])
        #expect(CellWidth.wrapped("日本 日本語", to: 4) == ["日本", "日本", "語"])
    }

    @Test("A screen that is too low loses empty lines first, then the end of what stands before the last section")
    func low() {
        let text = "A 1\nA 2\n\nB 1\nB 2\nB 3\n\nnext: x\n"
        #expect(ScreenFit(width: 80, height: 10).fitted(text) == text)
        #expect(ScreenFit(width: 80, height: 9).fitted(text) == "A 1\nA 2\nB 1\nB 2\nB 3\nnext: x\n")
        let low = ScreenFit(width: 80, height: 7).fitted(text)
        #expect(low == "A 1\nA 2\nB 1\n… 2 more lines: the terminal is too low\nnext: x\n")
        // A line that is wider than the screen takes several of its own; colours take none.
        let wide = "\u{1B}[1m" + String(repeating: "x", count: 20) + "\u{1B}[0m\n\ny\n"
        #expect(ScreenFit(width: 20, height: 5).fitted(wide) == wide)
        #expect(ScreenFit(width: 10, height: 5).fitted(wide) == wide.replacing("\n\n", with: "\n"))
        let list = "H\n" + (1...9).map { "\($0)\n" }.joined()
        #expect(ScreenFit(width: 80, height: 7).fitted(list) == "H\n1\n2\n3\n… 6 more lines: the terminal is too low\n")
    }

    @Test("Where columns are asked for by name, or one alone does not fit, each row is a block")
    func blocks() {
        var table = Table([.left("NAME"), .right("BALANCE"), .right("HELD"), .left("NOTE")])
        table.add(texts: ["Ann", "12345678.90 EUR", "10.00 EUR", ""])
        table.add(texts: ["Bob", "-7.00 EUR", "0.00 EUR", "a note that does not fit"])
        #expect(
            table.text(TextStyle(width: 24, columns: ["name", "balance", "held", "note"])) == """
                name: Ann
                balance: 12345678.90 EUR
                held: 10.00 EUR

                name: Bob
                balance: -7.00 EUR
                held: 0.00 EUR
                note: a note that does …

                """)
        #expect(
            table.text(TextStyle(width: 24, hasHeadings: false, columns: ["balance", "held"])) == """
                12345678.90 EUR
                10.00 EUR

                -7.00 EUR
                0.00 EUR

                """)
        var one = Table([.right("BALANCE")])
        one.add(texts: ["12345678.90 EUR"])
        #expect(one.text(TextStyle(width: 10)) == "balance: 12345678.90 EUR\n")
    }

    @Test("Times that came as text are told as those that came as dates")
    func textTimes() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        var table = Table([.left("AT")])
        for text in ["2027-01-15T07:56:40.123Z", "", "never"] { table.add([.time(text: text)]) }
        #expect(lines(table.text(TextStyle(now: now))) == ["AT", "3 m ago", "-", "never"])
        #expect(lines(table.text(.plain)) == ["AT", "2027-01-15T07:56:40.123Z", "-", "never"])
        #expect(TextStyle(now: now).time(text: "2027-01-15T07:56:40.123Z") == "3 m ago")
        #expect(TextStyle(isWide: true, now: now).time(text: "2027-01-15T07:56:40.123Z").hasSuffix("40.123Z"))
    }

    @Test("Ids are cut where they stay unique and cannot be taken for numbers")
    func ids() {
        let ids = [
            "7f9c24e8-3b12-4fef-91e0-56a2d3c1b0aa", "7f9c24e8-3b13-4fef-91e0-56a2d3c1b0aa",
            "01234567-0000-4000-8000-000000000000",
        ]
        #expect(ShortID.cut(Array(ids.dropFirst())) == ["7f9c24e8-", "01234567-"])
        #expect(ShortID.cut(ids) == ["7f9c24e8-3b12", "7f9c24e8-3b13", "01234567-0000"])
        #expect(ShortID.cut(["a", "b"]) == ["a", "b"] && ShortID.cut([]).isEmpty)
        var table = Table([.left("ID"), .left("SAGA")])
        table.add([.id(ids[0]), .plain(ids[0])])
        #expect(table.text(TextStyle(shortensIDs: true)).contains("7f9c24e8  7f9c24e8-3b12"))
        #expect(!table.text(TextStyle(isWide: true, shortensIDs: true)).contains("7f9c24e8  "))
        #expect(!table.text(.plain).contains("7f9c24e8  "))
        // Part of an id is of no use: a name gives way instead.
        var narrow = Table([.left("ID"), .left("NAME")])
        narrow.add([.id("01234567-0"), .plain("order-placement")])
        #expect(lines(narrow.text(TextStyle(width: 20, shortensIDs: true)))[1] == "01234567-  order-pl…")
    }

    @Test("Times are told by their distance on a terminal, and as RFC 3339 elsewhere")
    func times() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        var table = Table([.left("AT")])
        table.add([.time(now - 200)])
        table.add([.time(nil)])
        #expect(lines(table.text(TextStyle(now: now))) == ["AT", "3 m ago", "-"])
        #expect(lines(table.text(.plain))[1] == "2027-01-15T07:56:40.000Z")
        #expect(lines(table.text(TextStyle(isWide: true, now: now)))[1] == "2027-01-15T07:56:40.000Z")
        #expect(Timestamp.ago(now + 7_300, now: now) == "in 2 h" && Timestamp.ago(now, now: now) == "now")
    }

    @Test("Columns are chosen by heading or member, in the order that was asked for; headings may be left out")
    func columns() {
        let table = table([[.plain("Ann"), .plain("10"), .plain("x")]])
        #expect(table.text(TextStyle(columns: ["concern", "Name"])) == "NOTE  NAME\nx     Ann\n")
        #expect(table.text(TextStyle(hasHeadings: false, columns: ["amount"])) == "10\n")
    }
}
