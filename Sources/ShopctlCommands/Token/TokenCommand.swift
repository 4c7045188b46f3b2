import ArgumentParser

/// `shopctl token`
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Issue access tokens, and look after the keys that sign them.",
        discussion: """
            Needs no server: tokens are signed with the private keys of auth.keys-file, and every service verifies \
            them with the public halves.

            EXAMPLES:
              shopctl token keys generate --file keys.json
              SHOPCTL_AUTH_KEYS_FILE=keys.json shopctl token issue --user 7
            """,
        subcommands: [TokenIssue.self, TokenKeys.self])
}
