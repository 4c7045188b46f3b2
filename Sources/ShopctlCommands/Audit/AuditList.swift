import ArgumentParser
import Hosting

extension AuditCommand {
    /// `shopctl audit list`
    struct AuditList: ListingCommand {
        typealias Listing = AuditListing

        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List what admins, services and operators did for users, the latest first.",
            discussion: """
                Puts the audit trails of all roles together whose databases are configured. What users do to their \
                own things is not in them. The actor is a user's id, or 0 for an operator at a command; the request \
                id leads to the log lines. The reasons that were given are in -o wide and -o json. With a database \
                that cannot be asked the rest is listed (exit status 3).

                EXAMPLES:
                  shopctl audit list
                  shopctl audit list --user 3 --limit 1000
                  shopctl audit list --since 1h --sort at
                  shopctl audit list --user 3 -o wide
                  shopctl audit list -o jsonl
                """)

        @Option(help: ArgumentHelp("What was done to this user's things.", valueName: "id"))
        var user: Int64?
        @Option(parsing: .unconditional, help: "The order; a dash puts the latest first.")
        var sort = Sort.descending
        @OptionGroup var list: ListOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        /// Values of `--sort`.
        enum Sort: String, SortArgument {
            case descending = "-at"
            case ascending = "at"
        }

        func validate() throws {
            guard user ?? 1 > 0 else { throw ValidationError("--user must be more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let trails = RoleLists<AuditTrail.Entry>(
                configuration: try settings.begin(context), roles: Role.allCases, name: "audit trail"
            ) { ($0.at, $0.id) }
            let paged = list.paged("audit list", sort: sort.rawValue, [user.map(String.init)])
            let after = try list.cursor.map { try PageCursor($0, of: paged) }
            try await list.watching(context, output) { context in
                let now = context.now()
                let selection = AuditTrail.Selection(
                    userID: user, since: list.since?.date(now: now), until: list.until?.date(now: now),
                    isAscending: sort.isAscending)
                let limit = list.limit + 1
                let answer = try await trails.entries(after: after, isAscending: sort.isAscending, limit: limit) {
                    client, place in
                    var part = selection
                    part.after = place
                    let entries = try await AuditTrail.entries(part, limit: limit, in: client)
                    return (entries, try await AuditTrail.count(part, in: client))
                }
                let (shown, page) = answer.page(list.limit, of: paged)
                try output.write(AuditListing(entries: shown, page: page), context)
                try answer.finish(context)
            }
        }
    }
}

/// Deeds, a line each.
struct AuditListing: ListReport {
    let entries: [RoleLists<AuditTrail.Entry>.Entry]
    let page: Page?

    var schemaVersion: Int64 { 2 }

    /// An id, or nil for the zero of a deed that was done to nobody's things, or to none in particular.
    private static func known(_ id: Int64) -> Int64? { id == 0 ? nil : id }

    private static func cell(_ id: Int64) -> Table.Cell { .plain(known(id).map(String.init) ?? "-") }

    var body: ReportBody {
        .many(
            "entries",
            entries.map { entry in
                [
                    "at": .text(Timestamp.text(entry.item.at)),
                    "role": .text(entry.role.rawValue),
                    "actor_id": .integer(entry.item.actorID),
                    "actor_role": .text(entry.item.actorRole),
                    "user_id": .optional(Self.known(entry.item.userID)),
                    "action": .text(entry.item.action),
                    "reason": .optional(entry.item.reason),
                    "subject_id": .optional(Self.known(entry.item.subjectID)),
                    "request_id": .optional(entry.item.requestID),
                ]
            })
    }

    static var columns: [Table.Column] {
        [
            .left("TIME", "at"), .left("ROLE"), .right("ACTOR", "actor_id"), .left("ACTING AS", "actor_role"),
            .right("USER", "user_id"), .left("ACTION"), .right("SUBJECT", "subject_id"),
            .left("REQUEST", "request_id", minor: true),
            .left("REASON", vital: true),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for entry in entries {
            table.add([
                .time(entry.item.at), .plain(entry.role.rawValue),
                Self.cell(entry.item.actorID), .plain(entry.item.actorRole), Self.cell(entry.item.userID),
                .plain(entry.item.action), Self.cell(entry.item.subjectID), .id(entry.item.requestID ?? "", .dim),
                .plain(entry.item.reason ?? ""),
            ])
        }
        return table.text(style)
    }
}
