import ArgumentParser
import Testing

@testable import ShopctlCommands

@Suite("Numbers on the command line are refused by words, whatever they are")
struct ArgumentTests {
    private static let numbers = [
        "1e30", "-1", "9223372036854775808", "nan", "99999999999999999999d", "1.5", "inf", "1000001d", "٣", "0x10",
    ]

    private static let options = [
        ["token", "issue", "--user"], ["token", "issue", "--user", "1", "--ttl"],
        ["order", "place", "--item", "1:1", "--user"], ["order", "place", "--user", "1", "--item"],
        ["order", "show"], ["saga", "list", "--limit"], ["user", "list", "--limit"], ["audit", "list", "--limit"],
        ["audit", "list", "--user"], ["queue", "replay", "orders", "--limit"],
        ["queue", "replay", "orders", "--canary"], ["outbox", "list", "--limit"],
        ["migrate", "down", "--role", "orders", "--steps"], ["dev", "logs", "--lines"], ["health", "--wait"],
        ["saga", "inspect"], ["saga", "list", "--saga-sweep"], ["saga", "list", "--database-pool-size"],
    ]

    /// None of them reaches a server: one that was taken would be told by another status. An error of usage is slow to
    /// word, so that each option has one number.
    @Test("Options with a number or a span", arguments: options.indices)
    func numbers(index: Int) async {
        let arguments = Self.options[index]
        let number = Self.numbers[index % Self.numbers.count]
        // A name and a value in one: a value may begin with a dash.
        let last = arguments[arguments.count - 1]
        let line = last.hasPrefix("--") ? arguments.dropLast() + ["\(last)=\(number)"] : arguments + ["--", number]
        let run = await CommandRun(Array(line), environment: ["SHOPCTL_TOKEN": "x"])
        let isSetting = last.contains("sweep") || last.contains("pool")
        #expect(run.status == (isSetting ? .badConfiguration : .usage) && !run.notes.isEmpty, "\(line): \(run)")
    }

    @Test("Spans and items are read whole or not at all")
    func types() {
        for text in Self.numbers + ["", " ", "+1", "d", "1 d", "9223372036854775807"] {
            #expect(SpanArgument(argument: text) == nil, "\(text)")
        }
        #expect(SpanArgument(argument: "1000000d")?.seconds == 86_400_000_000)
        for text in ["0s", "45s", "90s", "15m", "90m", "2h", "1d", "7d"] {
            #expect(SpanArgument(argument: text)?.description == text)
        }
        for text in [
            "1:9223372036854775808", "9223372036854775808:1", "1:1@9223372036854775808", ":", "1:", ":1", "@", "1:1@",
            "1:1@1@1", "1:-1", "-1:1", "1:1e3", "",
        ] {
            #expect(OrderItem(argument: text) == nil, "\(text)")
        }
    }

    @Test("A file of items with a name twice in one of them is refused: one of the two would be lost")
    func itemsTwice() throws {
        let fine = #"[{"product_id": 1, "quantity": 2}, {"product_id": 2, "quantity": 3, "price": 4}]"#
        #expect(try OrderItem.parse(json: Array(fine.utf8), source: "x").map(\.quantity) == [2, 3])
        let twice = #"[{"product_id": 1, "quantity": 2, "quantity": 3}]"#
        let error = #expect(throws: CommandFailure.self) {
            try OrderItem.parse(json: Array(twice.utf8), source: "x")
        }
        #expect(error?.status == .badData && error?.message?.contains("stands twice") == true)
    }

    @Test("A span that may be left out is read whole or refused, whatever follows it")
    func optionalSpan() throws {
        let order = ["order", "place", "--user", "1"]
        for text in Self.numbers + [" ", "1e400", "0x1p4", "30 ", "-inf"] {
            for line in [["--wait=\(text)", "--item", "1:1"], ["--item", "1:1", "--wait=\(text)"]] {
                #expect(throws: (any Error).self, "\(line)") { try Shopctl.parseAsRoot(order + line) }
            }
        }
        func wait(_ line: [String]) throws -> Int64? {
            (try Shopctl.parseAsRoot(order + line) as? OrderCommand.OrderPlace)?.wait?.span?.seconds
        }
        for line in [
            ["--wait=5", "--item", "1:1"], ["--wait", "5", "--item", "1:1"], ["--item", "1:1", "--wait", "5"],
            ["--item", "1:1", "--wait=5s"],
        ] {
            #expect(try wait(line) == 5, "\(line)")
        }
        for line in [["--wait", "--item", "1:1"], ["--item", "1:1", "--wait"]] {
            #expect(try wait(line) == 30, "\(line)")
        }
    }

    @Test(
        "Numbers in a file of items", arguments: ["1e400", "9223372036854775808", "-9223372036854775809", "1.5", "nan"])
    func items(number: String) async {
        let json = #"[{"product_id": 1, "quantity": \#(number)}]"#
        let run = await CommandRun(["order", "place", "--user", "1", "--file", "-"], input: json)
        #expect(run.status == .badData, "\(run)")
    }

    @Test("A token is named once")
    func tokens() async {
        let run = await CommandRun(
            ["order", "show", "1"], environment: ["SHOPCTL_TOKEN": "a", "SHOPCTL_TOKEN_FILE": "/dev/null"])
        #expect(run.status == .badConfiguration && run.notes.contains("both set"), "\(run)")
    }

    @Test("A setting that does not exist is told with the nearest")
    func nearest() async {
        let run = await CommandRun(["saga", "list", "--set", "saga.sweeep=1"])
        #expect(run.status == .usage && run.notes.contains("is it 'saga.sweep'?"), "\(run)")
    }
}
