import ArgumentParser

/// `shopctl outbox`
struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Send messages again that services have sent before.",
        discussion: """
            EXAMPLES:
              shopctl outbox replay --service orders --since 20m --type order.confirmed
            """,
        subcommands: [OutboxReplayCommand.self])
}
