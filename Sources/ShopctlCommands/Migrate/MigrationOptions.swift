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

        func validate() throws { try ReasonText.check(reason) }
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

        /// Nil if nothing is said.
        var target: MigrationTarget? { to.map { .version($0) } ?? count.map { .steps($0) } }
    }
}
