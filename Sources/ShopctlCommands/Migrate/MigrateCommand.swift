import ArgumentParser
import Hosting

/// `shopctl migrate`
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring databases and the broker to the state this binary needs.",
        discussion: """
            Every role has a database of its own with versioned migrations, compatible with golang-migrate. Each \
            migration is one transaction under a lock, so that any number of migrators may run at once. The broker's \
            exchanges and queues are declared by 'up' and only checked by the servers.

            EXAMPLES:
              shopctl migrate up --create-databases
              shopctl migrate status
              shopctl migrate plan --role orders
              shopctl migrate history
            """,
        subcommands: [
            MigrateUp.self, MigrateDown.self, MigrateRedo.self, MigratePlan.self, MigrateStatus.self,
            MigrateVerify.self,
            MigrateHistory.self, MigrateRepair.self, MigrateBaseline.self, MigrateNew.self,
            MigrateLint.self, MigrateLocks.self, MigrateWait.self,
        ])

    /// Which roles a migration is about.
    struct Roles: ParsableArguments {
        @Option(
            name: .customLong("role"),
            help: ArgumentHelp("Only this role's database and queues; may be repeated.", valueName: "role"))
        var chosen: [Role] = []

        var all: [Role] { chosen.isEmpty ? Role.allCases : Role.allCases.filter(chosen.contains) }
    }
}
