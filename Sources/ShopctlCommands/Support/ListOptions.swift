import ArgumentParser
import FoundationEssentials
import Synchronization

/// The options of every list of things that have a time.
struct ListOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only from then on: a time such as 2026-11-26T14:00:00Z, or a span before now such as 20m.",
            valueName: "time"))
    var since: MomentArgument?
    @Option(help: ArgumentHelp("Only before then.", valueName: "time"))
    var until: MomentArgument?
    @OptionGroup var pages: PageOptions

    func validate() throws { try MomentArgument.check(since, until) }

    var limit: Int { pages.limit }
    var cursor: String? { pages.cursor }
    var watch: Bool { pages.watch }

    /// The list as its cursors know it: of this name, in this time, with the command's own filters.
    func paged(_ name: String, sort: String, _ filters: [String?] = []) -> PagedList {
        PagedList(name, sort: sort, [since.map(\.text), until.map(\.text)] + filters)
    }

    /// Runs the body, again and again if it is to be watched.
    func watching(_ context: CommandContext, _ output: OutputOptions, _ body: (CommandContext) async throws -> Void)
        async throws
    {
        try await pages.watching(context, output, body)
    }
}

/// The options of every list.
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many at most.", valueName: "count"))
    var limit = 50
    @Option(help: ArgumentHelp("Go on behind an earlier page, which told it.", valueName: "cursor"))
    var cursor: String?
    @Flag(help: "List again every 2 s, until stopped.")
    var watch = false

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1 to 100000") }
        guard cursor == nil || !watch else { throw ValidationError("--watch shows the first page: leave --cursor out") }
    }

    /// Runs the body, again and again if it is to be watched.
    func watching(_ context: CommandContext, _ output: OutputOptions, _ body: (CommandContext) async throws -> Void)
        async throws
    {
        try await Watch.run(watch, context, output, body)
    }
}

/// Results that are shown again and again.
enum Watch {
    /// - Parameter body: Asks, and shows what it is told by way of its context.
    static func run(
        _ isWatched: Bool, _ context: CommandContext, _ output: OutputOptions,
        _ body: (CommandContext) async throws -> Void
    ) async throws {
        guard isWatched else { return try await body(context) }
        let isCleared = context.isOutputTerminal && !output.output.isForPrograms
        while true {
            var round = context
            // What stood on a screen that is cleared is gone.
            if !isCleared || !context.isErrorTerminal { context.voice.beginRound() }
            if isCleared {
                // Cleared when there is something to show, and not before it is asked for.
                let hasBegun = Atomic(false)
                round.standardOutput = { text in
                    guard !hasBegun.exchange(true, ordering: .relaxed) else { return try context.standardOutput(text) }
                    let fit = context.outputHeight.map { ScreenFit(width: context.outputWidth, height: $0) }
                    // The cursor home, and the screen cleared.
                    try context.standardOutput("\u{1B}[H\u{1B}[2J" + (fit?.fitted(text) ?? text))
                }
            }
            try await body(round)
            try await Task.sleep(for: .seconds(2))
        }
    }
}

/// The direction and key of an order, as in `-started_at`: a dash puts the latest or greatest first.
protocol SortArgument: CaseIterable, ExpressibleByArgument, Sendable, RawRepresentable where RawValue == String {}

extension SortArgument {
    var isAscending: Bool { !rawValue.hasPrefix("-") }
}

/// Orders of what is numbered as it comes.
enum IDSort: String, SortArgument {
    case descending = "-id"
    case ascending = "id"
}
