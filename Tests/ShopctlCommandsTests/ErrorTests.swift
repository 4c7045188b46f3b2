import FoundationEssentials
import GRPCCore
import Hosting
import Synchronization
import Testing

@testable import ShopctlCommands

@Suite("Errors as they are told")
struct ErrorTests {
    private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    @Test("An error has a number, says what and about which object, why, and the next command")
    func form() {
        let failure = CommandFailure(
            .notFound, "there is no such key", hint: "shopctl token keys list", code: .keyMissing, object: "nope",
            causes: ["it was retired\u{1B}"])
        #expect(
            Diagnosis(failure).text(.plain) == """
                error[SHOP-702]: there is no such key (nope)
                  cause: it was retired\\x1b
                  hint: shopctl token keys list

                """)
        #expect(Diagnosis(failure).text(TextStyle(isColoured: true)).hasPrefix("\u{1B}[31merror[SHOP-702]\u{1B}[0m: "))
        let located = LocatedError(object: "database of orders", cause: CommandFailure(.bug, "x"))
        #expect(Diagnosis(located).object == "database of orders" && Diagnosis(located).code == .bug)
    }

    @Test("Every number is explained, and no two in the same words", arguments: ErrorCode.allCases)
    func explained(code: ErrorCode) async {
        let explanation = ErrorExplanation(code)
        let others = ErrorCode.allCases.filter { $0 != code }.map { ErrorExplanation($0).title }
        #expect(!explanation.title.isEmpty && !explanation.text.isEmpty && !others.contains(explanation.title))
        #expect(code.name.count == 8 && ErrorCode(name: code.name) == code)
        #expect(explanation.next.allSatisfy { $0.contains("shopctl ") && !$0.contains("shopctl error") })
        // Where there is no next command, the error's hint is the help of the command that was run.
        #expect(!explanation.next.isEmpty || explanation.text.contains("--help"), "\(code)")
        #expect(!Diagnosis(.failure, "x", code).text(.plain).contains("shopctl error"))
    }

    @Test("error NUMBER explains, and lists without one")
    func command() async {
        for number in ["101", "SHOP-101", "shop-101"] {
            let run = await CommandRun(["error", number])
            #expect(run.status == .success && run.output.hasPrefix("SHOP-101: a database cannot be reached"), "\(run)")
        }
        #expect(lines(await CommandRun(["error"]).output).count == ErrorCode.allCases.count + 1)
        for number in ["999", "x", "0"] { #expect(await CommandRun(["error", number]).status == .notFound) }
    }

    @Test(
        "Unknown names are answered with the nearest, or none",
        arguments: [
            (["saga", "lst"], "list", "saga"), (["sagas"], "saga", ""),
            (["saga", "list", "--limt", "3"], "--limit", "saga list"),
            (["saga", "list", "--since-when"], nil, "saga list"),
            (["saga", "nonsense"], nil, "saga"), (["xy"], nil, ""),
            // Swapped letters, and words and flags behind it.
            (["order", "lsit"], "list", "order"),
            (["ordr", "list"], "order", ""),
            (["ordr", "list", "--limit", "3"], "order", ""),
            (["product", "shw", "12", "-q"], "show", "product"),
            (["saga", "list", "lsit"], nil, "saga list"),
            (["help", "order", "lst"], "list", "order"),
            // Rightly spelt, and yet no option.
            (["token", "keys", "retire", "--", "x", "--dry-run"], nil, "token keys retire"),
        ] as [([String], String?, String)])
    func suggestions(arguments: [String], near: String?, place: String) async {
        let run = await CommandRun(arguments)
        #expect(run.status == .usage && run.output.isEmpty)
        let told = lines(run.notes)
        #expect(told.first?.contains("is it '") == (near != nil), "\(run.notes)")
        if let near { #expect(told.first?.hasSuffix(": is it '\(near)'?") == true, "\(run.notes)") }
        // The hint is a command, and nothing else.
        #expect(told.last == "  hint: shopctl \(place.isEmpty ? "" : place + " ")--help", "\(run.notes)")
        #expect(run.notes.hasPrefix("error[SHOP-001]: ") && !run.notes.contains("Did you mean"), "\(run.notes)")
    }

    @Test("A command that is none is what the error is about, whatever stands behind it")
    func strays() async {
        for arguments in [["order", "lsit"], ["order", "lsit", "3", "4"], ["order", "lsit", "--state", "open"]] {
            let told = await CommandRun(arguments).notes
            #expect(told.hasPrefix("error[SHOP-001]: there is no command 'order lsit': is it 'list'?\n"), "\(told)")
        }
    }

    @Test("Words that are not UTF-8 are refused before anything is done with them")
    func notUTF8() async throws {
        let words = ["customer", "top-up", "3", "--amount", "100", "-o", "json", "--reason"].map { Array($0.utf8) }
        let output = Mutex("")
        let context = CommandContext(
            environment: [:], standardInput: { [] }, standardOutput: { _ in },
            standardError: { text in output.withLock { $0 += text } }, isOutputTerminal: false, outputWidth: nil,
            now: { Date() }, startLogging: { _, _, _ in }, obeysSignals: false)
        #expect(await Invocation.run(words + [Array("bad".utf8) + [0xFF, 0xFE]], context) == .usage)
        let told = try JSONDecoder().decode(Told.self, from: Data(output.withLock { $0 }.utf8))
        #expect(told.error.code == "SHOP-001" && told.error.hint == "shopctl customer top-up --help")
        #expect(output.withLock { $0.contains("argument 9 is not valid UTF-8") })
    }

    @Test("What a role says is missing has one number, and the list in which it is not")
    func missing() {
        let order = ServiceError(.notFound, reason: "order_not_found", message: "there is no order 7")
        let known = ShopRefusal.failure(order)
        #expect(known?.code == .orderMissing && known?.hint == "shopctl order list" && known?.status == .notFound)
        let story = Diagnosis(CommandFailure.orderMissing(7))
        #expect(story.code == .orderMissing && story.object == "order 7" && story.hint == known?.hint)
        let changed = ServiceError(.aborted, reason: "precondition_failed", message: "it has changed")
        #expect(ShopRefusal.failure(changed, look: "shopctl product show 1")?.hint == "shopctl product show 1")
    }

    @Test("A deed to many that is not confirmed is told whole, with --yes, unless it may hold a secret")
    func unconfirmed() async {
        let drop = ["queue", "drop", "orders", "--all", "--reason", "the test's"]
        let told = await CommandRun(drop).notes
        #expect(told.contains("hint: shopctl queue drop orders --all --reason 'the test'\\''s' --yes\n"), "\(told)")
        for secret in [["--amqp-url", "amqp://shop:hunter2@h"], ["--amqp-url=amqp://shop:hunter2@h"]] {
            let told = await CommandRun(drop + secret).notes
            #expect(told.contains("hint: shopctl queue drop --help\n") && !told.contains("hunter2"), "\(told)")
        }
    }

    @Test("A database that is away has its own number; words on the way out are no hint for programs")
    func named() {
        let away = RPCError(ServiceError.unavailable("database_unavailable", "the database is not available"))
        #expect(Diagnosis(away).code == .databaseUnreachable && Diagnosis(away).status == .unreachable)
        func members(_ hint: String) -> [String] { Diagnosis(.usage, "x", hint: hint).record.members.map(\.name) }
        #expect(members("shopctl doctor").last == "hint" && members("say which").last == "advice")
        #expect(!members("say which").contains("hint"))
    }

    @Test("A lock that is not free in time is a reason to try again, with the command that tells who has it")
    func locked() {
        let told = Diagnosis(RPCError(ServiceError.unavailable("database_busy", "a lock was not free in time")))
        #expect(told.status == .tryAgain && told.code == .databaseBusy && told.hint == "shopctl migrate locks")
    }

    @Test("A variable that is none is told with the nearest, or none")
    func variables() async {
        let run = await CommandRun(["saga", "list"], environment: ["SHOPCTL_NOSUCH": "1"])
        #expect(run.status == .badConfiguration && !run.notes.contains("is it"), "\(run)")
        let near = await CommandRun(["saga", "list"], environment: ["SHOPCTL_AMQP_ULR": "1"])
        #expect(near.notes.contains("is it SHOPCTL_AMQP_URL?"), "\(near)")
    }

    @Test("The nearest name is near")
    func nearest() {
        #expect(Spelling.nearest(to: "retyr", among: ["retry", "list"]) == "retry")
        #expect(Spelling.nearest(to: "up", among: ["rm", "ls"]) == nil)
        #expect(Spelling.nearest(to: "foo", among: ["bar", "fox"]) == "fox")
        #expect(Spelling.nearest(to: "lsit", among: ["show", "list"]) == "list")
        #expect(Spelling.nearest(to: "pursuit", among: ["purge", "peek"]) == nil)
        #expect(Spelling.nearest(to: "x", among: ["y"]) == nil)
    }

    @Test("With -o json an error is one object, also one of the command line")
    func json() async throws {
        for arguments in [
            ["error", "999", "-o", "json"], ["error", "-ojson", "--nonsense"], ["error", "1", "2", "-ojson"],
        ] {
            let run = await CommandRun(arguments)
            let told = try JSONDecoder().decode(Told.self, from: Data(run.notes.utf8))
            #expect(told.schema_version == 1 && told.notes == [] && told.error.status == run.status.rawValue)
            #expect(told.error.code.hasPrefix("SHOP-") && told.error.hint.contains("shopctl"), "\(run.notes)")
        }
        let lines = await CommandRun(["error", "999", "-o", "jsonl"])
        #expect(lines.notes.split(separator: "\n").count == 1)
        #expect(await CommandRun(["error", "999", "-o", "yaml"]).notes.hasPrefix("schema_version: 1\nerror:\n"))
    }

    private struct Told: Decodable {
        struct Failure: Decodable {
            let code: String
            let status: Int32
            let hint: String
        }

        let schema_version: Int
        let error: Failure
        let notes: [String]
    }

    @Test("A time limit ends work that does not heed it")
    func timeLimit() async {
        let error = await #expect(throws: CommandFailure.self) {
            try await TimeLimit.run(SpanArgument(seconds: 1)) {
                // Like a driver that waits for its server whatever becomes of the task.
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
        }
        #expect(error?.status == .tryAgain && error?.message?.contains("--timeout") == true)
        await #expect(throws: CancellationError.self) {
            try await TimeLimit.run(SpanArgument(seconds: 600)) { throw CancellationError() }
        }
    }

    @Test("Colour is as asked for, and on its own only on a terminal without NO_COLOR")
    func colour() async {
        func isColoured(_ arguments: String..., terminal: Int? = 80, environment: [String: String] = [:]) async -> Bool
        {
            await CommandRun(["error", "101"] + arguments, environment: environment, terminal: terminal).output
                .contains("\u{1B}[")
        }
        #expect(await isColoured())
        #expect(await !isColoured(terminal: nil))
        #expect(await !isColoured(environment: ["NO_COLOR": "1"]))
        #expect(await isColoured("--color", "always", terminal: nil, environment: ["NO_COLOR": "1"]))
        #expect(await !isColoured("--color", "never"))
    }

    @Test("A key that is not there, or signs, is not retired; one whose tokens live is retired with a warning")
    func retire() async throws {
        let path = "/tmp/shopctl-retire-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        func keys(_ arguments: String..., typing typed: String? = nil) async -> CommandRun {
            await CommandRun(["token", "keys"] + arguments + ["--file", path], typing: typed)
        }
        #expect(await keys("generate").status == .success)
        let old = try #require(try SigningKeys(file: path).keyIDs.first)
        let signing = await keys("retire", old)
        #expect(signing.status == .badData && signing.notes.contains("SHOP-703"), "\(signing)")
        #expect(await keys("retire", "nope").status == .notFound)
        #expect(await keys("rotate", "--activate", "nope").status == .notFound)
        #expect(await keys("rotate", "--dry-run").status == .success)
        #expect(try SigningKeys(file: path).keyIDs == [old])
        #expect(await keys("rotate").status == .success)
        let listed = await keys("list", "-o", "json")
        #expect(listed.output.contains(#""signed_until": "2"#) && listed.output.contains(#""created_at": "2"#))
        let dry = await keys("retire", old, "--dry-run")
        #expect(dry.status == .success && dry.notes.contains("are alive"), "\(dry)")
        #expect(try SigningKeys(file: path).keyIDs.count == 2)
        // Whoever sits at a terminal is asked.
        let refused = await keys("retire", old, typing: "no")
        #expect(refused.status == .usage && refused.output == "", "\(refused)")
        #expect(refused.notes.contains("are alive") && refused.notes.contains("type yes: "), "\(refused)")
        #expect(refused.notes.contains("hint: shopctl token keys retire \(old) --file \(path) --yes"), "\(refused)")
        #expect(await keys("retire", old, "--dry-run", typing: "no").status == .success)
        #expect(try SigningKeys(file: path).keyIDs.count == 2)
        let retired = await keys("retire", old)
        #expect(retired.status == .success && retired.notes.hasPrefix("warning: it signed until"), "\(retired)")
        #expect(try SigningKeys(file: path).keyIDs.count == 1)
        for typed in ["yes", "no"] {
            let next = try SigningKeys(file: path).activeKeyID
            #expect(await keys("rotate").status == .success)
            let more = typed == "no" ? ["--yes"] : []
            let run = await CommandRun(["token", "keys", "retire", next, "--file", path] + more, typing: typed)
            #expect(run.status == .success && run.notes.contains("type yes") == (typed == "yes"), "\(run)")
            #expect(try SigningKeys(file: path).keyIDs.count == 1)
        }
        // Others change the file while the question stands: what they did stays.
        let asked = try SigningKeys(file: path).activeKeyID
        #expect(await keys("rotate").status == .success)
        let late = await CommandRun(
            ["token", "keys", "retire", asked, "--file", path], typing: "yes",
            meanwhile: {
                guard var keys = try? SigningKeys(file: path) else { return }
                let new = keys.add(.es256)
                try? keys.activate(new)
                try? keys.write(to: path)
            })
        let left = try SigningKeys(file: path)
        #expect(late.status == .success && left.keyIDs.count == 2 && !left.keyIDs.contains(asked), "\(late)")
        let now = Date()
        typealias Retire = TokenCommand.KeysRetire
        #expect(Retire.warning(signingEnd: now - 3600, now: now)?.contains("'token issue'") == true)
        #expect(Retire.warning(signingEnd: now - 32 * 86_400, now: now) == nil)
        #expect(Retire.warning(signingEnd: nil, now: now)?.contains("are refused from now on") == true)
        for end in [nil, now - 60, now - 3600] {
            let told = Retire.warning(signingEnd: end, now: now, isDryRun: true)
            #expect(told?.contains("would be refused") == true && told?.contains("from now on") == false)
        }
    }
}
