import ArgumentParser

extension MigrateCommand {
    /// `shopctl migrate up`
    struct MigrateUp: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "up",
            abstract: "Apply pending migrations and declare the broker's queues.",
            discussion: """
                What is applied already stays as it is, so that it can be run at every deployment. A migration that \
                fails is rolled back whole; those before it stay applied.

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
            output.write(try await plan.up(), context)
        }
    }
}
