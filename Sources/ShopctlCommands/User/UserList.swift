import Accounts
import ArgumentParser

extension UserCommand {
    /// `shopctl user list`
    struct UserList: ListingCommand {
        typealias Listing = UserListing

        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List accounts, the youngest first.",
            discussion: """
                Passwords are not shown: nobody knows them, the database has their hashes only.

                EXAMPLES:
                  shopctl user list
                  shopctl user list --email @shop.example
                  shopctl user list --since 7d --sort id
                  shopctl user list --limit 1000 -o jsonl
                """)

        @Option(help: ArgumentHelp("Those whose address has this in it, in any case.", valueName: "text"))
        var email: String?
        @Option(parsing: .unconditional, help: "The order; a dash puts the youngest first.")
        var sort = IDSort.descending
        @OptionGroup var list: ListOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let paged = list.paged("user list", sort: sort.rawValue, [email])
            let after = try list.cursor.map { try PageCursor($0, of: paged) }
            try await list.watching(context, output) { context in
                let now = context.now()
                let selection = UserDirectory.Selection(
                    emailPart: email, since: list.since?.date(now: now), until: list.until?.date(now: now),
                    afterID: after?.key, isAscending: sort.isAscending)
                let (users, total) = try await UserCommand.withDirectory(configuration) { directory in
                    (try await directory.list(selection, limit: list.limit + 1), try await directory.count(selection))
                }
                let shown = Array(users.prefix(list.limit))
                let next =
                    users.count > shown.count
                    ? shown.last.map { PageCursor(of: paged, key: $0.id, id: "").text } : nil
                let page = Page(count: shown.count, total: total, next: next)
                try output.write(UserListing(users: shown, page: page), context)
            }
        }
    }
}

/// Accounts, a line each.
struct UserListing: ListReport {
    let users: [UserDirectory.User]
    let page: Page?

    var body: ReportBody { .many("users", users.map(\.output)) }

    static var columns: [Table.Column] {
        [.right("ID"), .left("EMAIL"), .left("NAME"), .left("ROLE"), .left("CREATED", "created_at")]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for user in users {
            table.add([
                .plain(String(user.id)), .plain(user.email), .plain(user.name),
                .styled(user.role, user.role == "customer" ? .none : .yellow), .time(user.createdAt),
            ])
        }
        return table.text(style)
    }
}
