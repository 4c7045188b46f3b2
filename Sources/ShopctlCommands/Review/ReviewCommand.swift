import ArgumentParser

/// `shopctl review`
struct ReviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "See reviews, and delete those that must go.",
        discussion: """
            Talks gRPC to the role reviews, at reviews.address, by a token of its own that is an admin's; or by the \
            one in SHOPCTL_TOKEN or in the file that SHOPCTL_TOKEN_FILE names.

            EXAMPLES:
              shopctl review list --product 2
              shopctl review delete 1 --reason "an insult"
            """,
        subcommands: [ReviewList.self, ReviewDelete.self])
}
