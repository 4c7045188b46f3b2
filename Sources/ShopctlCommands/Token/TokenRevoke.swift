import Accounts
import ArgumentParser
import FoundationEssentials
import Hosting
import Postgres

extension TokenCommand {
    /// `shopctl token revoke`
    struct TokenRevoke: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "End all sessions of a user: no refresh token of theirs is taken any more.",
            discussion: """
                What can be taken back are sessions: whoever holds a refresh token of the user must sign in again. An \
                access token cannot be taken back: it is believed until it ends, up to 15 minutes from now, and one \
                of 'token issue' for as long as its --ttl says. Where that is too long, retire the key that signed \
                it: that cuts off everybody ('shopctl token keys').

                Changes the gateway's database directly, and its audit trail has the reason. There must be such a \
                user (exit status 66); one without sessions is no error.

                EXAMPLES:
                  shopctl user list --email ann
                  shopctl token revoke --user 3 --reason "lost her phone" --dry-run
                  shopctl token revoke --user 3 --reason "lost her phone"
                """)

        @Option(help: ArgumentHelp("The user's id.", valueName: "id"), completion: LiveNames.accounts.completion)
        var user: Int64
        @OptionGroup var because: DeedReason
        @Flag(help: "Only tell how many sessions would end.")
        var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard user > 0 else { throw ValidationError("--user must be more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let ended = try await UserCommand.withDirectory(try settings.begin(context)) { directory in
                try await directory.endSessions(userID: user, reason: because.reason, isDryRun: dryRun)
            }
            guard let ended else {
                throw CommandFailure(
                    .notFound, "nobody has this account", hint: "shopctl user list --email PART", code: .userMissing,
                    object: "user \(user)")
            }
            let lifetime = AccountOptions().accessTokenLifetime
            let revoked = RevokedSessions(
                user: ended.user, count: ended.sessions, isDryRun: dryRun, reason: because.reason,
                accessTokensUntil: context.now() + Double(lifetime.components.seconds))
            try output.write(
                revoked, context, deed: "\(ended.sessions) sessions \(dryRun ? "would end" : "have ended")")
            context.note("access tokens that are out already are believed until they end, for up to 15 minutes")
        }
    }
}

/// The sessions of a user that have ended.
struct RevokedSessions: Report {
    let user: UserDirectory.User
    let count: Int64
    let isDryRun: Bool
    let reason: String
    let accessTokensUntil: Date

    var body: ReportBody {
        .one([
            "user_id": .integer(user.id), "email": .text(user.email), "dry_run": .bool(isDryRun),
            "reason": .text(reason), "sessions": .integer(count),
            "access_tokens_until": Timestamp.value(accessTokensUntil),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let sessions = count == 1 ? "1 session" : "\(count) sessions"
        let verb = isDryRun ? "would end" : count == 1 ? "has ended" : "have ended"
        return "\(style.bold(sessions)) of \(Printable.line(user.email)) (user \(user.id)) \(verb)\n"
    }
}
