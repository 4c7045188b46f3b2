import Accounts
import ArgumentParser
import Hosting

extension UserCommand {
    /// `shopctl user set-role`
    struct UserSetRole: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-role",
            abstract: "Say what a user may do.",
            discussion: """
                A customer buys and sells; an admin may act on anyone's things, and the audit trail says so; a service \
                is a program of the shop's own. Who sells needs no role for it.

                All of the user's sessions end: they sign in again and have the new role then. An access token that \
                they hold already keeps the old one for as long as it lives, 15 minutes at most. Nothing is done to \
                a user who has the role. There must be such a user (exit status 66): people open accounts themselves.

                EXAMPLES:
                  shopctl user set-role ann@shop.example admin --dry-run
                  shopctl user set-role ann@shop.example admin --reason "she mends reviews"
                  shopctl user set-role 3 customer -o json
                """)

        @Argument(
            help: ArgumentHelp("The user's id, or e-mail address in any case.", valueName: "user"),
            completion: LiveNames.accounts.completion)
        var user: String
        @Argument(help: "The role.")
        var role: ShopRole
        @OptionGroup var deed: DeedOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let found = try await UserCommand.withDirectory(try settings.begin(context)) { directory in
                // An address has an @ in it, so that none is taken for an id.
                guard let id = Int64(user) else {
                    return try await directory.setRole(
                        email: user, role, because: deed.reason, isDryRun: deed.dryRun)
                }
                guard let found = try await directory.user(id) else { return nil }
                return try await directory.setRole(
                    email: found.email, role, because: deed.reason, isDryRun: deed.dryRun)
            }
            guard let found else {
                throw CommandFailure(
                    .notFound, "nobody has an account under this address or id", hint: "shopctl user list",
                    code: .userMissing, object: user)
            }
            try output.write(
                ChangedRole(user: found, role: role, isDryRun: deed.dryRun), context,
                deed: deed.dryRun ? nil : "user \(found.id) is \(role.rawValue) now")
        }
    }
}

/// A user with another role than before, or the same; or as it would be.
struct ChangedRole: Report {
    /// As they were before.
    let user: UserDirectory.User
    let role: ShopRole
    let isDryRun: Bool

    private var isChanged: Bool { user.role != role.rawValue }

    var body: ReportBody {
        .one([
            "id": .integer(user.id), "email": .text(user.email), "role": .text(role.rawValue),
            "previous_role": .text(user.role), "changed": .bool(isChanged),
            "dry_run": .bool(isDryRun),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let name = "\(Printable.line(user.email)) (user \(user.id))"
        guard !isChanged || !isDryRun else {
            return "\(name) would be \(style.bold(role.rawValue)), is \(user.role); nothing was done\n"
        }
        return isChanged
            ? "\(name) is \(style.bold(role.rawValue)) now, \(user.role) before; all sessions have ended\n"
            : "\(name) is \(role.rawValue) already\n"
    }
}
