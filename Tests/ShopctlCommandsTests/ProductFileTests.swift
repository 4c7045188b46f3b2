import ShopProtos
import Testing

@testable import ShopctlCommands

@Suite("Files of products are read whole, and faults are told with line and field")
struct ProductFileTests {
    @Test("CSV: quotes, commas and line breaks in fields, either line break, lines without anything")
    func csv() throws {
        func records(_ text: String) -> [CSV.Record] { CSV.records(Array(text.utf8)) }
        let some = records("a,\"b,\"\"c\"\"\r\nd\",\r\n\n,\"\"\ne")
        #expect(some.map(\.line) == [1, 4, 5] && some.allSatisfy(\.faults.isEmpty))
        #expect(some.map(\.fields) == [["a", "b,\"c\"\r\nd", ""], ["", ""], ["e"]])
        #expect(records("").isEmpty)
        #expect(records("\"\"").map(\.fields) == [[""]])
        for fields in [["a", "b,c", "d\"e", "f\ng", " h ", ""], ["x"]] {
            #expect(records(CSV.line(fields)).map(\.fields) == [fields])
        }
    }

    @Test(
        "A record whose quotes are wrong is at fault with its first line, and the next lines are read all the same",
        arguments: [
            ("\"b", "not closed"), ("b\"c", "does not begin with one"), ("\"a\"b", "behind a closing quote"),
            ("\"b\"\"", "not closed"), ("x,\"b", "not closed"),
        ])
    func brokenQuotes(line: String, words: String) {
        let records = CSV.records(Array("a\n\(line)\nc\nd,e\n".utf8))
        #expect(records.map(\.line) == [1, 2, 3, 4], "\(records)")
        #expect(records.map { $0.faults.map(\.field) } == [[], [nil], [], []], "\(records)")
        #expect(records[1].faults[0].message.contains(words), "\(records)")
        #expect(records[2].fields == ["c"] && records[3].fields == ["d", "e"], "\(records)")
    }

    @Test("A quote that a later one closes wrongly is told with both lines")
    func farQuotes() {
        let records = CSV.records(Array("a\n\"b\nc,\"d\"\n".utf8))
        #expect(records.map(\.line) == [1, 2, 3] && records[2].fields == ["c", "d"], "\(records)")
        #expect(records[1].faults.map(\.message) == ["in line 3 there must be a comma behind a closing quote"])
    }

    @Test(
        "A byte that is not UTF-8 is at fault with its line and field, in either form; other faults are told beside it")
    func badBytes() throws {
        var text = Array("name,price,amount,category\nCaf".utf8)
        text.append(0xE9)
        text += Array(",x,1,toys\nCup,1,1,toys\nPot,1\n".utf8)
        let lines = try ProductFile.read(text, as: .csv, named: "x", seller: 7)
        #expect(lines.map(\.number) == [2, 3, 4])
        #expect(lines.map { $0.faults.map(\.field) } == [["name", "price"], [], ["*"]])
        #expect(lines[0].faults[0].message == "it is not UTF-8" && lines[1].draft.name == "Cup")
        let cup = Array(#"{"name": "Cup", "price": 1, "amount": 1, "category": "toys"}"#.utf8) + [0x0A]
        let json = try ProductFile.read(cup + [0xE9, 0x0A] + cup, as: .jsonl, named: "x", seller: 7)
        #expect(json.map(\.number) == [1, 2, 3])
        #expect(json.map { $0.faults.map(\.message) } == [[], ["it is not UTF-8"], []])
    }

    private static func read(
        _ text: String, _ format: ProductFileFormat = .csv, seller: Int64? = nil
    ) throws(CommandFailure) -> [ProductLine] {
        try ProductFile.read(Array(text.utf8), as: format, named: "x", seller: seller)
    }

    @Test("Fields are found by their names, and those of an export that mean nothing are left")
    func fields() throws {
        let lines = try Self.read("\u{FEFF}id,Price,name,amount,category,user_id\n9,250,\"A, cup\",3,toys,7\n")
        #expect(lines.count == 1 && lines[0].faults.isEmpty && lines[0].number == 2)
        let draft = lines[0].draft
        #expect(draft.price == 250 && draft.name == "A, cup" && draft.amount == 3 && draft.userID == 7)
        let json = try Self.read(
            #"{"name": "Cup", "price": 250, "amount": 3, "category": "toys", "id": 4, "description": null}"#, .jsonl,
            seller: 8)
        #expect(json.count == 1 && json[0].faults.isEmpty && json[0].draft.userID == 8)
    }

    @Test("Every fault is told with its line and field")
    func faults() throws {
        let lines = try Self.read("name,price,amount,category\nCup,1.5,,toys\nPot,1\n", seller: 7)
        #expect(lines.map(\.number) == [2, 3])
        #expect(lines[0].faults.map(\.field) == ["price", "amount"])
        #expect(
            lines[0].faults[0].message.contains("price must be a whole number of minor units"), "\(lines[0].faults)")
        #expect(lines[1].faults.map(\.field) == ["*"])
        let json = try Self.read(
            """
            {"name": 7, "price": "1", "amount": 1e30, "category": "toys", "colour": "red"}

            [1]
            {"name": "Cup", "price": 1, "amount": 1, "category": "toys"}
            """, .jsonl)
        #expect(json.map(\.number) == [1, 3, 4])
        #expect(json[0].faults.map(\.field) == ["amount", "colour", "name", "price", "user_id"])
        #expect(json[1].faults.map(\.field) == ["*"])
        #expect(json[2].faults.map(\.field) == ["user_id"])
        let types = try Self.read(
            #"{"name": 7, "price": "1", "amount": 1, "category": "toys", "colour": "red"}"#, .jsonl, seller: 1)
        #expect(types[0].faults.map(\.field) == ["colour", "name", "price"])
        let twice = try Self.read(
            #"{"name": "Cup", "price": 1, "amount": 1, "category": "toys", "name": "Pot"}"#, .jsonl, seller: 1)
        #expect(twice[0].faults == [ProductLine.Fault(field: "name", message: "name stands there twice")])
    }

    @Test(
        "A line of JSON tells the field at fault wherever there is one",
        arguments: [
            (#"{"name": "Cup", "price": 100.5, "amount": 1, "category": "toys"}"#, "price", "100.5"),
            (#"{"name": "Cup", "price": true, "amount": 1, "category": "toys"}"#, "price", "not true or false"),
            (#"{"name": ["Cup"], "price": 1, "amount": 1, "category": "toys"}"#, "name", "not a list"),
            (#"{"name": "Cup", "price": 1, "amount": 1, "name": "Pot", "category": "toys"}"#, "name", "twice"),
            ("[1]", "*", "no JSON object"), ("not json", "*", "no JSON:"), (#"{"name": "Cup""#, "*", "at byte"),
        ])
    func jsonFaults(json: String, field: String, words: String) throws {
        let lines = try Self.read(json, .jsonl, seller: 7)
        #expect(lines.map { $0.faults.map(\.field) } == [[field]])
        #expect(lines[0].faults[0].message.contains(words), "\(lines[0].faults)")
    }

    @Test("Breaks of other kinds within a text of JSON end no line")
    func breaks() throws {
        let cup = "{\"name\": \"Cup\u{2028}blue\", \"price\": 1, \"amount\": 1, \"category\": \"toys\"}"
        let lines = try Self.read("\(cup)\r\n\(cup)\n", .jsonl, seller: 7)
        #expect(lines.map(\.number) == [1, 2] && lines.allSatisfy(\.faults.isEmpty))
    }

    @Test("Lines before the first that is wanted are left; behind the last there is nothing to import")
    func fromLine() throws {
        let text = "name,price,amount,category\nCup,1,1,toys\nPot,1,1,toys\n"
        let lines = try ProductFile.read(Array(text.utf8), as: .csv, named: "x", seller: 7, from: 3)
        #expect(lines.map(\.draft.name) == ["Pot"])
        let error = #expect(throws: CommandFailure.self) {
            try ProductFile.read(Array(text.utf8), as: .csv, named: "x", seller: 7, from: 4)
        }
        #expect(error?.status == .badData && error?.message?.contains("from line 4 on") == true)
    }

    @Test("What is no single line's fault ends it")
    func files() {
        for text in ["", "name,price\n", "name,colour\nCup,red\n", "name,name\nCup,Cup\n", "\"name\nCup\n"] {
            #expect {
                _ = try Self.read(text)
            } throws: { ($0 as? CommandFailure)?.code == .importFault }
        }
        #expect {
            _ = try ProductFile.read([0x6E, 0xFF], as: .csv, named: "x", seller: nil)
        } throws: { ($0 as? CommandFailure)?.code == .importFault }
    }

    @Test("A file without a line that can be read never reaches a server, nor does one too large for one transaction")
    func refusedAtHome() async {
        let head = "name,price,amount,category\n"
        let faulty = await CommandRun(
            ["product", "import", "-", "--format", "csv", "--seller", "7"], input: head + "Cup,x,1,toys\n")
        #expect(faulty.status == .badData && faulty.notes.contains("SHOP-844"), "\(faulty)")
        #expect(faulty.output.contains("line 2, price: "), "\(faulty)")
        let large = await CommandRun(
            ["product", "import", "-", "--format", "csv", "--seller", "7"],
            input: head + String(repeating: "Cup,1,1,toys\n", count: 1001))
        #expect(large.status == .badData && large.notes.contains("SHOP-845"), "\(large)")
        #expect(large.notes.contains("shopctl product import - --format csv --seller 7 --keep-going"))
        let unknown = await CommandRun(["product", "import", "-"])
        #expect(unknown.status == .usage)
    }
}
