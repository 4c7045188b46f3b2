import Hosting
import Testing

@Suite struct JSONParserTests {
    @Test func readsEveryKindOfValue() throws {
        let text = #" {"a":[1,-2.5e3,true,false,null],"b":{"c":"x\n\"\u00e9\ud83d\ude00"}} "#
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(
            value
                == .object([
                    "a": .array([.number("1"), .number("-2.5e3"), .bool(true), .bool(false), .null]),
                    "b": .object(["c": .string("x\n\"é😀")]),
                ]))
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "{'a':1}", "01", "1.", ".5", "+1", "1e", "-",
        "tru",
        "nul", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "1 2",
        "{} x",
        "NaN", "Infinity", "// x\n1", "{\"a\":1,\"a\":2}", "\u{FEFF}{}",
    ])
    func refusesWhatIsNotJSON(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func refusesBytesThatAreNotUTF8() {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xC0, 0x80, 0x22]) }
    }

    @Test func tellsWhereTheErrorIs() {
        #expect(throws: JSONSyntaxError(offset: 6, message: "a value was expected")) {
            try JSONParser.parse(Array(#"{"a": x}"#.utf8))
        }
    }

    @Test func namesWhatStandsTwiceInTheOutermostObject() {
        let cases: [(String, String?)] = [
            (#"{"a":1,"b":2,"a":3}"#, "a"), (#"{"a":{"b":1,"b":2}}"#, nil), (#"[{"a":1,"a":2}]"#, nil),
        ]
        for (text, name) in cases {
            let error = #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(text.utf8)) }
            #expect(error?.twice == name && error?.message == "a name stands twice in one object")
        }
    }

    @Test func nestsOnlySoDeep() throws {
        let limit = JSONParser.depthLimit
        _ = try JSONParser.parse(
            Array((String(repeating: "[", count: limit) + String(repeating: "]", count: limit)).utf8))
        #expect(throws: JSONSyntaxError.self) {
            try JSONParser.parse(Array(String(repeating: "[", count: 100_000).utf8))
        }
    }

    /// A hundred thousand marks on one letter would hold a thread for minutes, wherever the text is compared.
    @Test(arguments: ["{\"a\": \"e%\"}", "{\"e%\": 1}", "[\"%\"]"])
    func aLetterHasFewCombiningMarks(form: String) throws {
        func body(marks: Int) -> [UInt8] {
            let text = String(repeating: "\u{301}\u{323}", count: marks / 2)
            return form.split(separator: "%").flatMap { Array($0.utf8) + Array(text.utf8) }.dropLast(text.utf8.count)
        }
        _ = try JSONParser.parse(body(marks: 30))
        for marks in [32, 400_000] {
            let error = #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(body(marks: marks)) }
            #expect(error?.message == "a letter in a string has more than 30 combining marks")
        }
    }
}
