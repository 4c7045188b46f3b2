import ArgumentParser

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

                Tables are made in the schema of database.schema, whatever search_path the server sets.

                To fill freshly migrated databases from a dump of data alone, leave the versions out of the dump and \
                empty what migrations have filled (the categories of products, nothing elsewhere):

                  pg_dump --data-only --exclude-table=schema_migrations "$OLD" > data.sql
                  (echo 'TRUNCATE categories CASCADE;'; cat data.sql) |
                    psql --single-transaction -v ON_ERROR_STOP=1 "$NEW"

                EXAMPLES:
                  shopctl migrate up
                  shopctl migrate up --create-databases
                  shopctl migrate up --role orders --role products
                """)

        @OptionGroup var roles: Roles
        @Flag(help: "Create databases that do not exist, through the server's database 'postgres'.")
        var createDatabases = false
        @Flag(help: "Leave the broker alone.")
        var databasesOnly = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let plan = MigrationPlan(
                roles: roles.all, configuration: try settings.begin(context), createDatabases: createDatabases,
                databasesOnly: databasesOnly)
            try await plan.up().conclude(output, context)
        }
    }
}
