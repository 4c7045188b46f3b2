public import ArgumentParser
import FoundationEssentials
public import Hosting

extension ShopRole: ExpressibleByArgument {}

extension TokenCommand {
    /// `shopctl token issue`
    struct TokenIssue: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "issue",
            abstract: "Print an access token.",
            discussion: """
                Standard output has the token and nothing else; with -o json also what it says. Whoever has it can act \
                as that user until it ends, so keep it short-lived and out of command lines, which every user of the \
                host can read: curl takes a header from its standard input. Where the gateway's database is set, an id \
                that nobody has an account of is warned of.

                EXAMPLES:
                  shopctl token issue --user 3
                  shopctl token issue --user 1 --role admin --ttl 5m
                  shopctl token issue --user 3 -o json
                  shopctl token issue --user 3 | sed 's/^/Authorization: Bearer /' |
                    curl -H @- "$SHOPCTL_GATEWAY_URL/api/balance/3"
                """)

        @Option(help: ArgumentHelp("The user's id.", valueName: "id"))
        var user: Int64
        @Option(help: "What the user may do.")
        var role = ShopRole.customer
        @Option(help: ArgumentHelp("How long it is valid: 90s, 15m, 12h, 7d.", valueName: "span"))
        var ttl = SpanArgument(seconds: 900)
        @Option(help: ArgumentHelp("A scope of the token; may be repeated.", valueName: "scope"))
        var scope: [String] = []
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard user > 0 else { throw ValidationError("--user must be more than zero") }
            guard (1...31 * 86_400).contains(ttl.seconds) else { throw ValidationError("--ttl must be 1s to 31d") }
            guard scope.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }) else {
                throw ValidationError("a --scope is one word")
            }
        }

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let issuer = try configuration.makeTokenIssuer()
            let (token, end) = try await issuer.issue(subject: user, role: role, scopes: scope, ttl: ttl.duration)
            try output.write(
                IssuedToken(token: token, userID: user, role: role, scopes: scope, expiresAt: end), context)
            await NamedUser(id: user, configuration: configuration).warnIfMissing(context)
        }
    }
}

/// A token that was issued.
struct IssuedToken: Report {
    let token: String
    let userID: Int64
    let role: ShopRole
    let scopes: [String]
    let expiresAt: Date

    var schemaVersion: Int64 { 2 }
    var body: ReportBody {
        .one([
            "access_token": .text(token), "user_id": .integer(userID), "role": .text(role.rawValue),
            "scopes": .texts(scopes), "expires_at": Timestamp.value(expiresAt),
        ])
    }

    func table(_ style: TextStyle) -> String { token + "\n" }
}
