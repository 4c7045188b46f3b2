import ArgumentParser

extension MigrateCommand {
    /// `shopctl migrate status`
    struct MigrateStatus: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "Show what is applied, pending or missing.",
            discussion: """
                Changes nothing and waits for nobody. With --check it answers by its exit status: 0 if all is as this \
                binary needs it, 2 if something is pending, missing or wrong. What cannot be asked is told beside the \
                rest, and the exit status is that of the worst.

                EXAMPLES:
                  shopctl migrate status
                  shopctl migrate status --role orders -o json
                  shopctl migrate status --check || shopctl migrate up
                """)

        @OptionGroup var roles: Roles
        @OptionGroup var source: Source
        @Flag(help: "Exit with 2 unless nothing is pending or missing.")
        var check = false
        @Flag(help: "Leave the broker alone.")
        var databasesOnly = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws { try source.check(roles.chosen) }

        func run(_ context: CommandContext) async throws {
            let plan = MigrationPlan(
                roles: roles.all, configuration: try settings.begin(context), databasesOnly: databasesOnly,
                folder: source.folder)
            var standing = try await plan.status()
            standing.advice = MigrateAdvice(context.arguments)
            if standing.isKnown { try output.write(standing, context) }
            standing.warn(context)
            try standing.failures.finish(context)
            if check, !standing.isCurrent { throw CommandFailure(.no) }
        }
    }
}
