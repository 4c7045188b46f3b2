import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// The place that migrations come from.
    struct Source: ParsableArguments {
        @Option(
            name: .customLong("dir"),
            help: ArgumentHelp(
                "Migrations from a folder, as golang-migrate names them, instead of this binary's own; wants one role, "
                    + "and leaves the broker alone.", valueName: "folder"), completion: .directory)
        var folder: String?

        /// Passes if a folder's migrations are for one role's database.
        func check(_ roles: [Role]) throws {
            guard folder == nil || roles.count == 1 else {
                throw ValidationError("--dir wants one --role, whose database its migrations are for")
            }
        }
    }

    /// The options of a deed that the history keeps the reason of.
    struct Deed: ParsableArguments {
        @Option(help: ArgumentHelp("Why, for the history.", valueName: "text"))
        var reason: String?
        @Flag(help: "Only make the checks, and show what would be run.")
        var dryRun = false
        @OptionGroup var confirmation: Confirmation

        func validate() throws { try ReasonText.check(reason) }

        /// Asks at a terminal before anything is taken back.
        ///
        /// - Parameter rehearse: Tells what would be.
        func confirm(_ context: CommandContext, _ rehearse: () async throws -> MigrationReport?) async throws {
            guard !dryRun else { return }
            try await confirmation.ask(context) {
                guard let report = try await rehearse(), !report.migrations.isEmpty else { return nil }
                let names = report.migrations.joined(separator: ", ")
                return "\(names) of \(report.role) will be taken back, and what is in the tables is lost"
            }
        }
    }

    /// The version to go to.
    struct Extent: ParsableArguments {
        @Argument(help: ArgumentHelp("How many migrations.", valueName: "count"))
        var count: Int?
        @Option(
            help: ArgumentHelp("Until the database is at this version; 0 is before the first.", valueName: "version"))
        var to: Int64?

        func validate() throws {
            guard count == nil || to == nil else { throw ValidationError("say a count or --to, not both") }
            guard (1...10_000).contains(count ?? 1) else { throw ValidationError("the count must be 1 to 10000") }
            guard to ?? 0 >= 0 else { throw ValidationError("--to must be 0 or a version") }
        }

        /// Passes if what is said is said of one role.
        func check(_ roles: [Role]) throws {
            guard target == nil || roles.count == 1 else {
                throw ValidationError("a count or --to wants one --role: each has versions of its own")
            }
        }

        /// Nil if nothing is said.
        var target: MigrationTarget? { to.map { .version($0) } ?? count.map { .steps($0) } }
    }
}
