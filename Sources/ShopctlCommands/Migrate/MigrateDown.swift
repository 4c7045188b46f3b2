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
                it is told who holds them and what was taken back before. The reason is kept in \
                schema_migrations_history. --dry-run makes the checks, but not those of the statements themselves. \
                Where standard input is a terminal you are asked first, unless --yes is said; where it is none nobody \
                is asked. Scripts say --yes.

                EXAMPLES:
                  shopctl migrate down --role reviews
                  shopctl migrate down 2 --role orders --dry-run
                  shopctl migrate down 2 --role orders --reason "back to 1.4"
                  shopctl migrate down --role orders --to 7
                """)

        @OptionGroup var extent: Extent
        @Option(help: ArgumentHelp("Whose database.", valueName: "role"))
        var role: Role
        @Option(help: ArgumentHelp("How many migrations to take back, as the count.", visibility: .hidden))
        var steps: Int?
        @OptionGroup var deed: Deed
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (1...10_000).contains(steps ?? 1) else { throw ValidationError("--steps must be 1 to 10000") }
            guard steps == nil || extent.target == nil else { throw ValidationError("--steps is the count") }
        }

        func run(_ context: CommandContext) async throws {
            var plan = MigrationPlan(
                roles: [role], configuration: try settings.begin(context), folder: source.folder)
            plan.note = { context.note($0) }
            var outcome = MigrationOutcome()
            let runner = try plan.runner(role)
            let target = extent.target ?? .steps(steps ?? 1)
            try await deed.confirm(context) { try await runner.down(target, isDryRun: true) }
            outcome.databases.append(
                try await runner.down(target, because: deed.reason, isDryRun: deed.dryRun))
            try outcome.conclude(output, context)
        }
    }
}
