import ArgumentParser

/// `shopctl completion`
struct CompletionCommand: ShopctlCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print the script that lets a shell complete commands, flags and values.",
        discussion: """
            Ids of orders, products, reviews, users, sagas and keys and the names of categories, queues and contexts \
            are asked for at the tab key, by the settings that the shell has or the line says (--context), for two \
            seconds at most. \
            Where the shop is away there are none, but for the queues that every shop has.

            EXAMPLES:
              source <(shopctl completion bash)
              shopctl completion zsh > "${fpath[1]}/_shopctl"
              shopctl completion fish > ~/.config/fish/completions/shopctl.fish
            """)

    /// A shell that has scripts for completion.
    enum Shell: String, CaseIterable, ExpressibleByArgument, Sendable {
        case bash, zsh, fish

        var parsers: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @Argument(help: "The shell.")
    var shell: Shell

    func run(_ context: CommandContext) async throws {
        try context.print(shell.withHelp(shell.wholeWords(Shopctl.completionScript(for: shell.parsers))))
    }
}
