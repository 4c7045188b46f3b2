import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate plan`
    struct MigratePlan: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "plan",
            abstract: "Print the SQL that 'up' would run, for psql.",
            discussion: """
                Changes nothing. The script has all that 'up' does in the database: the migration lock, a transaction \
                for each migration, the rows of schema_migrations and its history. It refuses a database that is not \
                at the version it was planned for. The broker is not part of it.

                EXAMPLES:
                  shopctl migrate plan --role orders
                  shopctl migrate plan --role orders 1 > next.sql
                  shopctl migrate plan --role orders | psql "$ORDERS_URL"
                  shopctl migrate plan --role orders -o json
                """)

        @OptionGroup var extent: Extent
        @Option(help: ArgumentHelp("Whose database.", valueName: "role"))
        var role: Role
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let plan = MigrationPlan(
                roles: [role], configuration: try settings.begin(context), folder: source.folder)
            let script = try await plan.runner(role).plan(extent.target ?? .end)
            try output.write(MigrationScriptReport(script: script), context)
        }
    }
}

/// The SQL of a run of migrations.
struct MigrationScriptReport: Report {
    let script: MigrationScript

    var body: ReportBody {
        .one([
            "role": .text(script.role),
            "database": .text(script.database),
            "from_version": .integer(script.from),
            "to_version": .integer(script.to),
            "migrations": .texts(script.migrations),
            "sql": .text(script.sql),
        ])
    }

    func table(_ style: TextStyle) -> String { script.sql }
}
