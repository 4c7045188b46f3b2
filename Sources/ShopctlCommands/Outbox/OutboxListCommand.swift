public import ArgumentParser
public import Events
import FoundationEssentials
import Hosting

extension OutboxEntry.State: ExpressibleByArgument {}

/// `shopctl outbox list`
struct OutboxListCommand: ListingCommand {
    typealias Listing = OutboxListing

    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the messages of the services' outboxes, the latest first.",
        discussion: """
            Each is 'published', which the broker has confirmed; 'unsent', which waits for its service's relay; or \
            'failing', which was sent in vain and is tried again, with the last error. An outbox keeps what was \
            published for 24 hours. PUBLISHED is when it was sent first; one that is sent again ('outbox replay') is \
            'unsent' until it is, and -o wide has when that was asked for. Messages of sagas are in none. With a \
            database that cannot be asked the rest is listed (exit status 3).

            EXAMPLES:
              shopctl outbox list
              shopctl outbox list --state unsent --state failing
              shopctl outbox list --service orders --since 20m --type order.confirmed
              shopctl outbox list --sort created_at --limit 1000 -o jsonl
            """)

    @Option(help: ArgumentHelp("Only this service's; by default all.", valueName: "service"))
    var service: ServiceArgument?
    @Option(help: ArgumentHelp("Only messages of this type; may be repeated.", valueName: "type"))
    var type: [String] = []
    @Option(
        help: ArgumentHelp(
            "Only in this state: \(OutboxEntry.State.allCases.map(\.rawValue).joined(separator: ", ")); may be repeated.",
            valueName: "state"))
    var state: [OutboxEntry.State] = []
    @Option(parsing: .unconditional, help: "The order; a dash puts the latest first.")
    var sort = Sort.descending
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var settings: ConfigurationOptions

    /// Values of `--sort`.
    enum Sort: String, SortArgument {
        case descending = "-created_at"
        case ascending = "created_at"
    }

    func run(_ context: CommandContext) async throws {
        let services = service.map { [$0.topology.service] } ?? ServiceArgument.allValueStrings
        let outboxes = RoleLists<OutboxEntry>(
            configuration: try settings.begin(context), roles: services.sorted().compactMap(Role.init(rawValue:)),
            name: "outbox"
        ) { ($0.createdAt, $0.id) }
        let paged = list.paged(
            "outbox list", sort: sort.rawValue,
            services + [type.joined(separator: ","), state.map(\.rawValue).joined(separator: ",")])
        let after = try list.cursor.map { try PageCursor($0, of: paged) }
        try await list.watching(context, output) { context in
            let now = context.now()
            let selection = OutboxEntry.Selection(
                since: list.since?.date(now: now), until: list.until?.date(now: now), types: type, states: state,
                isAscending: sort.isAscending)
            let limit = list.limit + 1
            let answer = try await outboxes.entries(after: after, isAscending: sort.isAscending, limit: limit) {
                client, place in
                var part = selection
                part.after = place
                let entries = try await OutboxEntry.entries(part, limit: limit, in: client)
                return (entries, try await OutboxEntry.count(part, in: client))
            }
            let (shown, page) = answer.page(list.limit, of: paged)
            try output.write(OutboxListing(entries: shown, now: now, page: page), context)
            try answer.finish(context)
        }
    }
}

/// Messages of outboxes, a line each.
struct OutboxListing: ListReport {
    let entries: [RoleLists<OutboxEntry>.Entry]
    let now: Date
    let page: Page?

    var body: ReportBody {
        .many(
            "messages",
            entries.map { entry in
                let message = entry.item
                return [
                    "service": .text(entry.role.rawValue),
                    "id": .integer(message.id),
                    "message_id": .text(message.messageID.uuidString.lowercased()),
                    "type": .text(message.type),
                    "saga_id": .optional(message.correlationID?.uuidString.lowercased()),
                    "state": .text(message.state.rawValue),
                    "created_at": Timestamp.value(message.createdAt),
                    "published_at": Timestamp.value(message.publishedAt),
                    "replayed_at": Timestamp.value(message.replayedAt),
                    "attempts": .integer(Int64(message.attempts)),
                    "retry_at": Timestamp.value(message.retryAt),
                    "last_error": .optional(message.lastError),
                ]
            })
    }

    static var columns: [Table.Column] {
        [
            .left("SERVICE"), .right("ID"), .left("MESSAGE", "message_id"), .left("TYPE"), .right("AGE", "created_at"),
            .left("STATE"), .left("PUBLISHED", "published_at"), .left("NOTE", "last_error", vital: true),
            .left("WRITTEN", "created_at", extra: true), .left("SAGA", "saga_id", extra: true),
            .right("ATTEMPTS", extra: true), .left("NEXT ATTEMPT", "retry_at", extra: true),
            .left("REPLAYED", "replayed_at", extra: true),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for entry in entries {
            let message = entry.item
            table.add([
                .plain(entry.role.rawValue), .plain(String(message.id)), .id(message.messageID.uuidString.lowercased()),
                .plain(message.type), .plain(Timestamp.span(max(0, now.timeIntervalSince(message.createdAt)))),
                .styled(message.state.rawValue, message.state.emphasis), .time(message.publishedAt),
                .styled(message.lastError ?? "", .red), .time(message.createdAt),
                .id(message.correlationID?.uuidString.lowercased() ?? ""), .plain(String(message.attempts)),
                .time(message.retryAt), .time(message.replayedAt),
            ])
        }
        return table.text(style)
    }
}

extension OutboxEntry.State {
    fileprivate var emphasis: Emphasis {
        switch self {
        case .published: .none
        case .unsent: .yellow
        case .failing: .red
        }
    }
}
