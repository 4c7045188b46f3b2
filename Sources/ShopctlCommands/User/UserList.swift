import Accounts
import ArgumentParser

extension UserCommand {
    /// `shopctl user list`
    struct UserList: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List accounts, the youngest first.",
            discussion: """
                Passwords are not shown: nobody knows them, the database has their hashes only.

                EXAMPLES:
                  shopctl user list
                  shopctl user list --email @shop.example
                  shopctl user list --limit 1000 -o jsonl
                """)

        @Option(help: ArgumentHelp("Those whose address has this in it, in any case.", valueName: "text"))
        var email: String?
        @Option(help: ArgumentHelp("How many at most.", valueName: "count"))
        var limit = 50
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1 to 100000") }
        }

        func run(_ context: CommandContext) async throws {
            let users = try await UserCommand.withDirectory(try settings.begin(context)) { directory in
                try await directory.list(emailPart: email, limit: limit)
            }
            try output.write(UserListing(users: users), context)
        }
    }
}

/// Accounts, a line each.
struct UserListing: Report {
    let users: [UserDirectory.User]

    var body: ReportBody { .many("users", users.map(\.output)) }

    func table(_ style: TextStyle) -> String {
        var table = Table([.right("ID"), .left("EMAIL"), .left("NAME"), .left("ROLE"), .left("CREATED (UTC)")])
        for user in users {
            table.add([
                .plain(String(user.id)), .plain(Printable.line(user.email)), .plain(Printable.line(user.name)),
                .styled(user.role, user.role == "customer" ? .none : .yellow),
                .plain(Timestamp.text(user.createdAt)),
            ])
        }
        return table.text(style)
    }
}
