import ArgumentParser

/// `shopctl shop`
struct ShopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shop",
        abstract: "Fill a shop with what a demonstration needs.",
        discussion: """
            EXAMPLES:
              shopctl shop seed
              shopctl shop seed --size medium --password-file demo-password
            """,
        subcommands: [ShopSeed.self])
}
