import ArgumentParser
import FoundationEssentials
import Hosting

extension TokenCommand {
    /// `shopctl token inspect`
    struct TokenInspect: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Show what a token says, without believing it.",
            discussion: """
                Needs neither keys nor servers. Nothing is verified: anybody can write a token that says anything. \
                The token itself is not shown again.

                EXAMPLES:
                  shopctl token issue --user 3 | shopctl token inspect -
                  shopctl token inspect --file token.txt -o json
                """)

        @OptionGroup var input: TokenInput
        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let token = try input.token(context)
            do {
                let reading = TokenReading(token: try UnverifiedToken(token), now: context.now())
                try output.write(reading, context)
                for name in reading.token.unreadableTimes {
                    context.warn("its \(name) is no time that a calendar has, and left out here")
                }
            } catch let error as TokenError {
                throw CommandFailure(
                    .badData, error.detail, code: .tokenUnreadable,
                    object: input.file ?? "standard input")
            }
            context.note("not verified: 'shopctl token verify' tells whether the shop believes it")
        }
    }
}

/// A token as it reads.
struct TokenReading: Report {
    let token: UnverifiedToken
    let now: Date

    var schemaVersion: Int64 { 2 }
    var body: ReportBody {
        var record = token.output(now: now)
        record = record.led(by: "verified", .bool(false))
        return .one(record)
    }

    func table(_ style: TextStyle) -> String { token.lines(style, now: now) }
}
