import ShopProtos
import Testing

@testable import ShopctlCommands

@Suite("Files of products are read whole, and faults are told with line and field")
struct ProductFileTests {
    @Test("CSV: quotes, commas and line breaks in fields, either line break, lines without anything")
    func csv() throws {
        let records = try CSV.records("a,\"b,\"\"c\"\"\r\nd\",\r\n\n,\"\"\ne")
        #expect(records.map(\.line) == [1, 4, 5])
        #expect(records.map(\.fields) == [["a", "b,\"c\"\r\nd", ""], ["", ""], ["e"]])
        #expect(try CSV.records("").isEmpty)
        #expect(try CSV.records("\"\"").map(\.fields) == [[""]])
        for (text, line) in [("a\n\"b", 2), ("a\nb\"c", 2), ("\"a\"b", 1), ("\"a\n\"b", 2)] {
            #expect {
                _ = try CSV.records(text)
            } throws: { ($0 as? CSV.Fault)?.line == line }
        }
        for fields in [["a", "b,c", "d\"e", "f\ng", " h ", ""], ["x"]] {
            #expect(try CSV.records(CSV.line(fields)).map(\.fields) == [fields])
        }
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
        for text in ["", "name,price\n", "name,colour\nCup,red\n", "name,name\nCup,Cup\n", "name\n\"Cup"] {
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
        #expect(large.notes.contains("shopctl product import - --keep-going"))
        let unknown = await CommandRun(["product", "import", "-"])
        #expect(unknown.status == .usage)
    }
}
