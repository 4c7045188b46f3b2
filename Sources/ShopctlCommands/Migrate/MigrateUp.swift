import ArgumentParser
import Migrator

extension MigrateCommand {
    /// `shopctl migrate up`
    struct MigrateUp: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "up",
            abstract: "Apply pending migrations and declare the broker's queues.",
            discussion: """
                What is applied already stays as it is, so that it can be run at every deployment. A migration that \
                fails is rolled back whole; those before it stay applied. What fails for one role does not keep the \
                others from being migrated: each is told, and the exit status is that of the worst.

                With a count or --to one role's database goes as far as that. With --dir its migrations come from a folder: \
                golang-migrate's files run as they are, with numbers or times for versions. A file that begins and ends \
                transactions itself, or has a line '-- migrate:no-transaction', is run outside of one and marked dirty \
                meanwhile; one that only builds indexes CONCURRENTLY is run outside of one too, and an INVALID index \
                that an earlier run has left is dropped and built again.

                --dry-run tells which migrations would be applied, and leaves the broker alone; 'plan' prints their SQL, 'status' tells what the broker lacks.

                Tables are made in the schema of database.schema, whatever search_path the server sets.

                To fill freshly migrated databases from a dump of data alone, leave the versions out of the dump and \
                empty what migrations have filled (the categories of products, nothing elsewhere):

                  pg_dump --data-only \\
                    --exclude-table='schema_migrations*' "$OLD" > data.sql
                  (echo 'TRUNCATE categories CASCADE;'; cat data.sql) |
                    psql --single-transaction -v ON_ERROR_STOP=1 "$NEW"

                EXAMPLES:
                  shopctl migrate up
                  shopctl migrate up --dry-run
                  shopctl migrate up --create-databases
                  shopctl migrate up --role orders --role products
                  shopctl migrate up 1 --role orders
                  shopctl migrate up --role orders --to 7
                  shopctl migrate up --role orders --dir db/migrations
                """)

        @OptionGroup var extent: Extent
        @OptionGroup var roles: Roles
        @OptionGroup var source: Source
        @Flag(help: "Create databases that do not exist, through the server's database 'postgres'.")
        var createDatabases = false
        @Flag(help: "Leave the broker alone.")
        var databasesOnly = false
        @Flag(help: "Only make the checks, and show what would be run.")
        var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            try source.check(roles.chosen)
            try extent.check(roles.chosen)
        }

        func run(_ context: CommandContext) async throws {
            var plan = MigrationPlan(
                roles: roles.all, configuration: try settings.begin(context), createDatabases: createDatabases,
                databasesOnly: databasesOnly || dryRun, folder: source.folder)
            plan.note = { context.note($0) }
            var outcome = try await plan.up(extent.target ?? .end, isDryRun: dryRun)
            outcome.advice = MigrateAdvice(context.arguments)
            try outcome.conclude(output, context)
        }
    }
}
