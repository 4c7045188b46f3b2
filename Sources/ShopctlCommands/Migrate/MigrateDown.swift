import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate down`
    struct MigrateDown: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "down",
            abstract: "Take back the latest migrations of one role.",
            discussion: """
                Tables that a migration made are dropped with all that is in them. The broker is left alone. \
                Each is a transaction of its own: one that cannot get its locks is rolled back, exit status 75, and \
                it is told who holds them and what was taken back before.

                EXAMPLES:
                  shopctl migrate down --role reviews
                  shopctl migrate down --role orders --steps 2
                """)

        @Option(help: ArgumentHelp("Whose database.", valueName: "role"))
        var role: Role
        @Option(help: ArgumentHelp("How many migrations to take back.", valueName: "count"))
        var steps = 1
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (1...10_000).contains(steps) else { throw ValidationError("--steps must be 1 to 10000") }
        }

        func run(_ context: CommandContext) async throws {
            let plan = MigrationPlan(roles: [role], configuration: try settings.begin(context))
            var outcome = MigrationOutcome()
            let runner = try plan.runner(role)
            outcome.databases.append(try await runner.down(steps: steps))
            try outcome.conclude(output, context)
        }
    }
}
