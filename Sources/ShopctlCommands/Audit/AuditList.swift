import ArgumentParser
import Hosting

extension AuditCommand {
    /// `shopctl audit list`
    struct AuditList: ShopctlCommand {
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
                  shopctl audit list -o jsonl
                """)

        @Option(help: ArgumentHelp("What was done to this user's things.", valueName: "id"))
        var user: Int64?
        @Option(help: ArgumentHelp("How many at most.", valueName: "count"))
        var limit = 50
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1 to 100000") }
            guard user ?? 1 > 0 else { throw ValidationError("--user must be more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let answer = try await AuditSources(configuration: try settings.begin(context))
                .entries(userID: user, limit: limit)
            try output.write(AuditListing(entries: answer.entries), context)
            for item in answer.unasked { context.note("shopctl: not asked: \(item.role.rawValue): \(item.reason)") }
            if !answer.unasked.isEmpty { throw CommandFailure(.partial) }
        }
    }
}

/// What was done, a line each.
struct AuditListing: Report {
    let entries: [AuditSources.Entry]

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

    func table(_ style: TextStyle) -> String {
        var table = Table([
            .left("TIME (UTC)"), .left("ROLE"), .right("ACTOR"), .left("ACTING AS"), .right("USER"), .left("ACTION"),
            .right("SUBJECT"), .left("REQUEST"),
        ])
        for entry in entries {
            table.add([
                .plain(Timestamp.text(entry.noted.at)), .plain(entry.role.rawValue),
                .plain(entry.noted.actorID == 0 ? "-" : String(entry.noted.actorID)), .plain(entry.noted.actorRole),
                .plain(String(entry.noted.userID)), .plain(Printable.line(entry.noted.action)),
                .plain(String(entry.noted.subjectID)),
                .styled(Printable.line(entry.noted.requestID ?? ""), .dim),
            ])
        }
        return table.text(style)
    }
}
