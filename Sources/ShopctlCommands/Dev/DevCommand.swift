import ArgumentParser

/// `shopctl dev`
struct DevCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run a private shop on this machine, servers and all.",
        discussion: """
            'up' starts a PostgreSQL, a RabbitMQ and a Redis of its own from the installed packages, on free ports of \
            the loopback interface, and all roles of the shop on them. Nothing else on the machine is touched, and \
            nothing is left running when it ends, however it ends.

            EXAMPLES:
              shopctl dev up
              eval "$(shopctl dev env)"
              shopctl dev down
            """,
        subcommands: [DevUp.self, DevDown.self, DevStatus.self, DevEnv.self, DevLogs.self, DevReset.self])
}
