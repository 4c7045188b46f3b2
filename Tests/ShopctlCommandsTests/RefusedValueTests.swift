import Testing

@testable import ShopctlCommands

@Suite("Refused values and options")
struct RefusedValueTests {
    private let number = "a whole number, not negative"

    @Test("A refused value is told with the forms that are valid")
    func forms() async {
        let span = "a span of whole seconds, minutes, hours or days: 90s, 20m, 12h, 7d"
        let time = "a time such as 2026-11-26T14:00:00Z, or a span before now: 90s, 20m, 12h, 7d"
        for (line, message) in [
            (
                ["order", "list", "--since", "tomorrow"],
                "The value 'tomorrow' is invalid for '--since <time>': \(time)"
            ),
            (["order", "list", "--since", "-5m"], "The value '-5m' is invalid for '--since <time>': \(time)"),
            (["order", "list", "--timeout", "1ms"], "The value '1ms' is invalid for '--timeout <span>': \(span)"),
            (["order", "list", "--limit", "x"], "The value 'x' is invalid for '--limit <count>': \(number)"),
            (["order", "list", "--limit", "-1"], "The value '-1' is invalid for '--limit <count>': \(number)"),
            (["order", "show", "-1"], "The value '-1' is invalid for '<id>': \(number)"),
            (["order", "list", "--limit"], "Missing value for '--limit <count>'"),
            (["order", "show"], "Missing expected argument '<id>'"),
            (
                ["order", "show", "99999999999999999999"],
                "The value '99999999999999999999' is invalid for '<id>': it is too large, 9223372036854775807 at most"
            ),
            (
                ["saga", "inspect", "b904"],
                "The value 'b904' is invalid for '<saga-or-subject>': a saga's id, its first 8 characters or more, an "
                    + "order's id, or product:ID"
            ),
            (
                ["order", "place", "--user", "1", "--item", "1"],
                "The value '1' is invalid for '--item <id:quantity[@price]>': a product's id and how many, as in 3:2, or "
                    + "3:2@1990 at that price"
            ),
            (
                ["queue", "replay", "orders", "--rate", "5"],
                "The value '5' is invalid for '--rate <rate>': a number in a time, as in 5/s, 30/m or 100/h"
            ),
            (
                ["saga", "list", "--group-by", "nope"],
                "The value 'nope' is invalid for '--group-by <name,...>': some of state, reason, step, with commas between"
            ),
        ] {
            let run = await CommandRun(line, environment: [:])
            #expect(run.status == .usage && run.notes.contains(": \(message)\n"), "\(line): \(run)")
        }
    }

    @Test("A queue that is none is told with those that are, and the list of them")
    func queues() async {
        for command in ["purge", "export"] {
            let run = await CommandRun(["queue", command, "nope"] + (command == "purge" ? ["--reason", "x"] : []))
            #expect(run.status == .usage && run.notes.contains("orders.dead.v2"), "\(run)")
            #expect(run.notes.hasSuffix("  hint: shopctl queue list\n"), "\(run)")
        }
    }

    @Test("An option before the command is told to belong behind it, without its value")
    func early() async {
        for (line, hint) in [
            (["--context", "here", "order", "list"], "shopctl order list --context ..."),
            (["-q", "order", "list"], "shopctl order list -q ..."),
            (["order", "--columns", "id", "list"], "shopctl order list --columns ..."),
        ] {
            let run = await CommandRun(line, environment: [:])
            let told = "\noptions stand behind the command: \(hint)\n"
            #expect(run.status == .usage && run.notes.contains(told), "\(line): \(run)")
            #expect(run.notes.hasSuffix("  hint: shopctl order list --help\n"), "\(line): \(run)")
        }
        let alone = await CommandRun(["--nonsense"], environment: [:])
        #expect(alone.status == .usage && alone.notes.contains("hint: shopctl --help"), "\(alone)")
    }

    @Test("A span of time with nothing in it is refused")
    func emptySpan() async {
        let order = ["order", "list"]
        for (line, status) in [
            (order + ["--since", "1h", "--until", "2h"], ExitStatus.usage),
            (order + ["--since", "1h", "--until", "1h"], .usage),
            (["saga", "retry", "--since", "2026-01-02T00:00:00Z", "--until", "2026-01-01T00:00:00Z"], .usage),
            (order + ["--since", "2h", "--until", "1h"], .badConfiguration),
        ] {
            let run = await CommandRun(line, environment: [:])
            let isTold = run.notes.contains("there is nothing between them")
            #expect(run.status == status && isTold == (status == .usage), "\(line): \(run)")
        }
    }
}
