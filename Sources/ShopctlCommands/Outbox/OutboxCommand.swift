import ArgumentParser

/// `shopctl outbox`
struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Look at what services have to send, and send again what they have sent.",
        discussion: """
            EXAMPLES:
              shopctl outbox list --state unsent
              shopctl outbox replay --service orders --since 20m --type order.confirmed
            """,
        subcommands: [OutboxListCommand.self, OutboxReplayCommand.self])
}
