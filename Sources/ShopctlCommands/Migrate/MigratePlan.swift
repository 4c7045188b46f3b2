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

                Without --role it is that of all roles: each database is gone to by \\connect before its part, with \
                the user and server that psql began with; databases on several servers want a script each, by --role. \
                If one cannot be planned, nothing is printed.

                EXAMPLES:
                  shopctl migrate plan
                  shopctl migrate plan --role orders
                  shopctl migrate plan --role orders 1 > next.sql
                  shopctl migrate plan --role orders | psql "$SHOPCTL_ORDERS_DATABASE_URL"
                  shopctl migrate plan --role orders -o json
                """)

        @OptionGroup var extent: Extent
        @OptionGroup var roles: Roles
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            try source.check(roles.chosen)
            try extent.check(roles.chosen)
        }

        func run(_ context: CommandContext) async throws {
            let plan = MigrationPlan(
                roles: roles.all, configuration: try settings.begin(context), folder: source.folder)
            let runners = try plan.roles.map { (role: $0, runner: try plan.runner($0)) }
            if output.output == .table || output.output == .wide { try Self.check(runners) }
            var scripts: [MigrationScript] = []
            var failures = MigrationFailures()
            for (role, runner) in runners {
                let script = try await failures.noting(role.rawValue, at: runner.place) {
                    try await runner.plan(extent.target ?? .end)
                }
                if let script { scripts.append(script) }
            }
            // Half of it would be taken for the whole.
            try failures.finish(context)
            try output.write(MigrationScriptReport(scripts: scripts), context)
        }

        /// Passes if one script can have all of the databases: psql's `\connect` with a name stays at the server.
        private static func check(_ runners: [(role: Role, runner: MigrationRunner)]) throws(CommandFailure) {
            guard let first = runners.first, runners.contains(where: { $0.runner.place != first.runner.place }) else {
                return
            }
            let places = runners.map { "\($0.role.rawValue) at \($0.runner.place)" }
            throw CommandFailure(
                .usage,
                "each role wants a script of its own, since psql would stay at one server: "
                    + places.joined(separator: ", "),
                hint: "shopctl migrate plan --role \(first.role.rawValue)")
        }
    }
}

/// The SQL of a run of migrations, for each database that it is about.
struct MigrationScriptReport: Report {
    let scripts: [MigrationScript]

    private var records: [OutputRecord] {
        scripts.map { script in
            [
                "role": .text(script.role),
                "database": .text(script.database),
                "from_version": .integer(script.from),
                "to_version": .integer(script.to),
                "migrations": .texts(script.migrations),
                "sql": .text(script.sql),
            ]
        }
    }

    var body: ReportBody { records.count == 1 ? .one(records[0]) : .many("plans", records) }

    func table(_ style: TextStyle) -> String {
        guard scripts.count > 1 else { return scripts.map(\.sql).joined() }
        return scripts.map { "\\connect \(Self.quoted($0.database))\n\($0.sql)" }.joined(separator: "\n")
    }

    /// An argument of a command of psql.
    private static func quoted(_ name: String) -> String {
        "'" + name.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
