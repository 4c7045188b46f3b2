import ArgumentParser

/// `shopctl token`
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Issue, read and revoke access tokens, and look after their keys.",
        discussion: """
            Needs no server: tokens are signed with the private keys of auth.keys-file, and every service verifies \
            them with the public halves. 'revoke' alone needs a database, the gateway's.

            EXAMPLES:
              shopctl token keys generate --file keys.json
              SHOPCTL_AUTH_KEYS_FILE=keys.json shopctl token issue --user 3
              shopctl token verify --file token.txt
            """,
        subcommands: [TokenIssue.self, TokenInspect.self, TokenVerify.self, TokenRevoke.self, TokenKeys.self])
}
