import ArgumentParser

/// The command tree.
struct Shopctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shopctl",
        abstract: "An online shop in one binary: all of its servers, and the tool of those who run it.",
        discussion: """
            Data goes to standard output, everything else to standard error. Settings come from flags, from \
            SHOPCTL_* variables (or files that SHOPCTL_*_FILE variables name), from DATABASE_URL, AMQP_URL and \
            REDIS_URL, from the context that names a shop (SHOPCTL_CONTEXT; one that --context names \
            goes before variables), from a JSON file (--config or SHOPCTL_CONFIG), and from defaults, in this order; \
            'shopctl serve --help' lists them.

            EXAMPLES:
              shopctl dev up                    a private shop on this machine
              eval "$(shopctl dev env)"         point this shell at it
              shopctl order place --user 3 --item 1:2 --wait
              shopctl status                    the whole shop, and what needs a hand
              shopctl doctor                    what is wrong with it, and what mends it

            EXIT STATUS:
            \(ExitStatus.allCases.map(\.helpLine).joined(separator: "\n"))
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "Servers", subcommands: [ServeCommand.self, MigrateCommand.self, DevCommand.self]),
            CommandGroup(
                name: "Shop",
                subcommands: [
                    OrderCommand.self, ProductCommand.self, CategoryCommand.self, CustomerCommand.self,
                    ReviewCommand.self, UserCommand.self, TokenCommand.self, ShopCommand.self,
                ]),
            CommandGroup(
                name: "Operations",
                subcommands: [
                    StatusCommand.self, TopCommand.self, DoctorCommand.self, HealthCommand.self, SagaCommand.self,
                    QueueCommand.self, OutboxCommand.self,
                    AuditCommand.self,
                    ContextCommand.self, ErrorCommand.self, CompletionCommand.self,
                ]),
        ])
}

/// The version of this binary.
enum Version {
    static let text = "0.1.0"
}
