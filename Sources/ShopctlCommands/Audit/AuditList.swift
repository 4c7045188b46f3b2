import ArgumentParser
import Hosting

extension AuditCommand {
    /// `shopctl audit list`
    struct AuditList: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List what admins, services and operators did for users, the latest first.",
            discussion: """
                Puts the audit trails of all roles together whose databases are configured. What users do to their \
                own things is not in them. The actor is a user's id, or 0 for an operator at a command; the request \
                id leads to the log lines. With a database that cannot be asked the rest is listed (exit status 3).

                EXAMPLES:
                  shopctl audit list
                  shopctl audit list --user 7 --limit 1000
                  shopctl audit list --since 1h --sort at
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
            let sources = AuditSources(configuration: try settings.begin(context))
            let after = try list.cursor.map { try PageCursor($0, sort: sort.rawValue) }
            try await list.watching(context, output) { context in
                let now = context.now()
                let selection = AuditTrail.Selection(
                    userID: user, since: list.since?.date(now: now), until: list.until?.date(now: now),
                    isAscending: sort.isAscending)
                let answer = try await sources.entries(selection, after: after, limit: list.limit + 1)
                let shown = Array(answer.entries.prefix(list.limit))
                let next = answer.entries.count > shown.count ? shown.last.map { $0.cursor(sort.rawValue).text } : nil
                let page = Page(count: shown.count, total: answer.total, next: next)
                try output.write(AuditListing(entries: shown, page: page), context)
                for item in answer.unasked { context.warn("not asked: \(item.role.rawValue): \(item.reason)") }
                if !answer.unasked.isEmpty {
                    throw CommandFailure(.partial, "\(answer.unasked.count) of the databases could not be asked")
                }
            }
        }
    }
}

/// Deeds, a line each.
struct AuditListing: Report {
    let entries: [AuditSources.Entry]
    let page: Page?

    var body: ReportBody {
        .many(
            "entries",
            entries.map { entry in
                [
                    "at": .text(Timestamp.text(entry.noted.at)),
                    "role": .text(entry.role.rawValue),
                    "actor_id": .integer(entry.noted.actorID),
                    "actor_role": .text(entry.noted.actorRole),
                    "user_id": .integer(entry.noted.userID),
                    "action": .text(entry.noted.action),
                    "subject_id": .integer(entry.noted.subjectID),
                    "request_id": .optional(entry.noted.requestID),
                ]
            })
    }

    var columns: [Table.Column] {
        [
            .left("TIME", "at"), .left("ROLE"), .right("ACTOR", "actor_id"), .left("ACTING AS", "actor_role"),
            .right("USER", "user_id"), .left("ACTION"), .right("SUBJECT", "subject_id"), .left("REQUEST", "request_id"),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for entry in entries {
            table.add([
                .time(entry.noted.at), .plain(entry.role.rawValue),
                .plain(entry.noted.actorID == 0 ? "-" : String(entry.noted.actorID)), .plain(entry.noted.actorRole),
                .plain(String(entry.noted.userID)), .plain(entry.noted.action),
                .plain(String(entry.noted.subjectID)), .id(entry.noted.requestID ?? "", .dim),
            ])
        }
        return table.text(style)
    }
}
