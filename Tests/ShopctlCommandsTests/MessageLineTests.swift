import Events
import FoundationEssentials
import RabbitMQ
import Testing

@testable import ShopctlCommands

@Suite("Dead letters as lines of a file")
struct MessageLineTests {
    private typealias Import = QueueCommand.QueueImport

    private func line(_ text: String) throws -> MessageLine {
        try #require(try Import.lines(of: Array(text.utf8), "x").first).line
    }

    private func failure(_ text: String) -> CommandFailure? {
        do {
            _ = try Import.lines(of: Array(text.utf8), "letters.jsonl")
            return nil
        } catch {
            return error as? CommandFailure
        }
    }

    @Test("Whatever a letter has comes back as it was")
    func roundTrip() throws {
        let service = try #require(Topology.shop.services.first { $0.service == "reviews" })
        let time = Date(timeIntervalSince1970: 1_790_000_000)
        let headers: [String: HeaderValue] = [
            "shop-dead-reason": "it \"broke\"\n山田\u{0}\u{7F}\u{200B}", "n": .int(.min), "flag": true, "none": .null,
            "half": .double(0.5), "much": .double(.infinity), "at": .timestamp(time), "raw": .bytes([0, 255]),
            "table": .table(["table": .array([1, "x", .table([:]), .null])]), "": "an empty name",
        ]
        for body in [Array("{\"a\":1}".utf8), [], [0, 0xFF, 0xFE], Array("\u{0}\r\n".utf8)] {
            let letter = MessageLine(
                service: service,
                properties: MessageProperties(
                    contentType: "application/json", contentEncoding: "gzip", messageID: "any", correlationID: "c",
                    type: "t", appID: "a", replyTo: "r", timestamp: time, priority: 9, headers: headers),
                body: body)
            #expect(try line(ExportedMessages(lines: [letter]).table(.plain)) == letter)
            // What has no property and no header has none either.
            let bare = MessageLine(service: service, properties: MessageProperties(), body: body)
            #expect(try line(ExportedMessages(lines: [bare]).table(.plain)) == bare)
        }
        #expect(try line(#"{"service":"reviews","body":""}"#).properties == MessageProperties())
    }

    @Test("A body that no broker takes is refused, and headers that are not imported are named")
    func limits() throws {
        let long = String(repeating: "x", count: (16 << 20) + 1)
        #expect(failure(#"{"service":"reviews","body":"\#(long)"}"#)?.message?.contains("longer than 16 MiB") == true)
        let text = #"{"service":"reviews","body":"","headers":{"x-death":"1","CC":"2","error":"3"}}"#
        let letter = try line(text)
        let message = DeadLetter.restored(letter.properties, letter.body, to: "reviews.dead.v2", isReplayed: false)
        #expect(message.properties.headers == ["error": "3"])
        #expect(Import.leftHeaders([letter], [message]) == ["CC", "x-death"])
    }

    @Test(
        "A member that stands twice in one object is found, and none else",
        arguments: [
            (#"{"a":1,"a":2}"#, "a"), (#"{"a":{"b":1,"c":[{"b":1},{"b":2,"b":3}]}}"#, "b"),
            (#"[{"a":1},{"a":1}]"#, nil), (#"{"a":{"a":"a"},"b":["a","a"],"c":"\"a\":,\"a\""}"#, nil), ("7", nil),
            (#"{"":1,"":2}"#, ""), (#"{"a\"":1,"b":2,"a\u0022":3}"#, "a\""), ("", nil),
        ] as [(String, String?)])
    func repeated(json: String, name: String?) {
        #expect(RepeatedMember.name(in: Array(json.utf8)) == name)
    }

    @Test("Blank lines are passed over, and counted")
    func blanks() throws {
        let good = #"{"service":"reviews","body":""}"#
        let lines = try Import.lines(of: Array("\n\(good)\r\n \t\n\(good)".utf8), "x")
        #expect(lines.map(\.number) == [2, 4])
        #expect(failure("\n \n")?.code == .importLine)
        #expect(failure("\(good)\n\n{\n")?.message == "line 3: it is no JSON; nothing was imported")
    }

    @Test(
        "A bad line is told with the member at fault",
        arguments: [
            (#"{"body":""}"#, "service is missing"), (#"{"service":"nobody","body":""}"#, "service is no service"),
            (#"{"service":7,"body":""}"#, "service is not a text"), (#"{"service":"reviews"}"#, "body or body_base64"),
            (#"{"service":"reviews","body":"","body_base64":""}"#, "body or body_base64"),
            (#"{"service":"reviews","body_base64":"%"}"#, "body_base64 is not base64"),
            (#"{"service":"reviews","body":"","boddy":1}"#, "boddy is not known"),
            (#"{"service":"products","service":"reviews","body":""}"#, "service stands twice"),
            (#"{"service":"reviews","body":"","headers":{"a":1,"\u0061":2}}"#, "a stands twice"),
            (#"{"schema_version":2,"service":"reviews","body":""}"#, "schema_version is of a version"),
            (#"{"service":"reviews","body":"","properties":{"message_id":7}}"#, "properties.message_id is not a text"),
            (#"{"service":"reviews","body":"","properties":{"id":"7"}}"#, "properties.id is not known"),
            (#"{"service":"reviews","body":"","properties":{"timestamp":"soon"}}"#, "properties.timestamp is no time"),
            (#"{"service":"reviews","body":"","properties":{"priority":256}}"#, "properties.priority is no number"),
            (#"{"service":"reviews","body":"","headers":{"x":{"bytes":"%"}}}"#, "headers.x.bytes is not base64"),
            (#"{"service":"reviews","body":"","headers":{"x":{"odd":"1"}}}"#, "headers.x.odd is not known"),
            (#"{"service":"reviews","body":"","headers":{"x":{}}}"#, "headers.x must have one of"),
            ("[]", "it is not an object"), ("7", "it is not an object"),
        ])
    func bad(text: String, words: String) throws {
        let good = #"{"service":"reviews","body":""}"#
        let failure = try #require(self.failure("\(good)\n\(text)\n"), "\(text)")
        #expect(failure.status == .badData && failure.code == .importLine && failure.object == "letters.jsonl")
        #expect(failure.message?.hasPrefix("line 2: \(words)") == true, "\(failure.message ?? "")")
    }

    @Test("What does not fit on the wire is told with its line")
    func wire() async {
        let long = String(repeating: "x", count: 256)
        let run = await CommandRun(
            ["queue", "import", "-"], environment: ["AMQP_URL": "amqp://shop:x@127.0.0.1:9/x"],
            input: #"{"service":"reviews","body":"","properties":{"message_id":"\#(long)"}}"#)
        #expect(run.status == .badData && run.notes.contains("SHOP-209"), "\(run)")
        #expect(run.notes.contains("line 1: message id has 256 bytes"), "\(run)")
    }
}
