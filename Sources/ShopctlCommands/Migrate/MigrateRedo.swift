import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate redo`
    struct MigrateRedo: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "redo",
            abstract: "Take the latest migration of one role back, and apply it again.",
            discussion: """
                For a migration that is being written: what its tables hold is lost. Both ways are run under one \
                lock. If the way up fails, the database stays at the version before, which is told. The reason is kept \
                in schema_migrations_history. Where standard input is a terminal you are asked first, unless \
                --yes is said; where it is none nobody is asked. Scripts say --yes.

                EXAMPLES:
                  shopctl migrate redo --role reviews --dry-run
                  shopctl migrate redo --role reviews
                  shopctl migrate redo --role reviews --dir migrations/reviews
                """)

        @Option(help: ArgumentHelp("Whose database.", valueName: "role"))
        var role: Role
        @OptionGroup var deed: Deed
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            var plan = MigrationPlan(
                roles: [role], configuration: try settings.begin(context), folder: source.folder)
            plan.note = { context.note($0) }
            var outcome = MigrationOutcome()
            let runner = try plan.runner(role)
            try await deed.confirm(context) { try await runner.redo(isDryRun: true).first }
            outcome.databases = try await runner.redo(because: deed.reason, isDryRun: deed.dryRun)
            guard !outcome.databases.isEmpty else {
                throw CommandFailure(
                    .badData, "no migration of \(role.rawValue) is applied: there is none to do again",
                    hint: "shopctl migrate up --role \(role.rawValue)", code: .migrationRefused)
            }
            try outcome.conclude(output, context)
        }
    }
}
