import ArgumentParser
import Events
import FoundationEssentials
import Hosting
import Logging
import Postgres

/// `shopctl outbox replay`
struct OutboxReplayCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Have a service send its messages of a time again.",
        discussion: """
            For messages that were sent while a queue was not bound: the broker took them, and whoever was not bound \
            never got them. The service's relays send them again with the ids they had, so that whoever has handled \
            one handles it no second time. An outbox keeps what was published for 24 hours. Messages of sagas are in none: \
            their coordinators send them again by themselves.

            EXAMPLES:
              shopctl outbox replay --service orders --since 20m --dry-run
              shopctl outbox replay --service orders --since 2026-11-26T14:00:00Z \\
                --type order.confirmed --reason "a binding was missing"
            """)

    @Option(help: ArgumentHelp("Whose messages.", valueName: "service"))
    var service: ServiceArgument
    @Option(
        help: ArgumentHelp(
            "What was published since then: a time such as 2026-11-26T14:00:00Z, or a span before now such as 20m.",
            valueName: "time"))
    var since: MomentArgument
    @Option(help: ArgumentHelp("Only messages of this type; may be repeated.", valueName: "type"))
    var type: [String] = []
    @OptionGroup var deed: DeedOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var settings: ConfigurationOptions

    func run(_ context: CommandContext) async throws {
        let name = service.topology.service
        guard let role = Role(rawValue: name) else { throw CommandFailure(.notFound, "there is no role \(name)") }
        let configuration = try settings.begin(context)
        let begin = since.date(now: context.now())
        let client = PostgresClient(
            configuration: try configuration.database(of: role, among: Set(Role.allCases)), logger: .command("outbox"))
        let result: Result<[OutboxReplay.Share], any Error>
        do {
            let replay = OutboxReplay(since: begin, types: type)
            try await AuditTrail.checkWritable(of: name, in: client)
            result = .success(deed.dryRun ? try await replay.count(in: client) : try await run(replay, in: client))
        } catch {
            result = .failure(error)
        }
        await client.close()
        let shares = try result.get()
        let count = shares.reduce(0) { $0 + $1.count }
        try output.write(
            OutboxReplayReport(service: name, isDryRun: deed.dryRun, shares: shares), context,
            deed: "\(count) messages \(deed.dryRun ? "would be" : "are") sent again")
        let hours = OutboxRelay.Options().retentionHours
        let horizon = context.now() - LostEvents.kept
        if begin < horizon {
            context.warn(
                "the outbox of \(name) keeps what was published for \(hours) hours: what is older than "
                    + "\(Timestamp.text(horizon)) may be gone")
        }
    }

    /// Notes the deed before and after: one that has broken off settles no loss.
    private func run(_ replay: OutboxReplay, in client: PostgresClient) async throws -> [OutboxReplay.Share] {
        try await note(LostEvents.Replay.intent(replay), in: client)
        let (begun, shares) = try await replay.run(in: client)
        try await note(LostEvents.Replay(at: begun, since: replay.since, types: replay.types).action, in: client)
        return shares
    }

    private func note(_ action: String, in client: PostgresClient) async throws {
        // The messages belong to no user, and have no number.
        try await client.transaction { [reason = deed.reason] transaction in
            try await AuditTrail.noteOperator(action, because: reason, userID: 0, subjectID: 0, in: transaction)
        }
    }
}

/// A moment on the command line: an RFC 3339 time, or a span before now.
enum MomentArgument: ExpressibleByArgument, Sendable, Equatable {
    case time(Date)
    case ago(SpanArgument)

    init?(argument: String) {
        if let span = SpanArgument(argument: argument) {
            self = .ago(span)
        } else if let date = Self.date(argument) {
            self = .time(date)
        } else {
            return nil
        }
    }

    private static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: Date.ISO8601FormatStyle()))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }

    /// Passes if there is a time between the two; nil for no bound.
    static func check(_ since: MomentArgument?, _ until: MomentArgument?) throws {
        let now = Date()
        guard let since, let until, since.date(now: now) >= until.date(now: now) else { return }
        throw ValidationError("--since must be before --until: there is nothing between them")
    }

    /// The same on a command line.
    var text: String {
        switch self {
        case .time(let date): Timestamp.text(date)
        case .ago(let span): "\(span.seconds)s"
        }
    }

    func date(now: Date) -> Date {
        switch self {
        case .time(let date): date
        case .ago(let span): now - Double(span.seconds)
        }
    }
}

/// The messages that are sent again.
struct OutboxReplayReport: Report {
    let service: String
    let isDryRun: Bool
    let shares: [OutboxReplay.Share]

    private var total: Int64 { shares.reduce(0) { $0 + $1.count } }

    var body: ReportBody {
        .one([
            "service": .text(service),
            "dry_run": .bool(isDryRun),
            "count": .integer(total),
            "types": .records(shares.map { ["type": .text($0.type), "count": .integer($0.count)] }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let verb = isDryRun ? "would be sent again" : "will be sent again"
        let lines = shares.map { "\($0.count)  \(Printable.line($0.type))\n" }.joined()
        return lines + "\(total) \(total == 1 ? "message" : "messages") of \(service) \(verb)\n"
    }
}
