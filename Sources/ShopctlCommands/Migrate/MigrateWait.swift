import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate wait`
    struct MigrateWait: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "wait",
            abstract: "Wait until the databases are at this binary's version.",
            discussion: """
                For containers that start beside the one which migrates. A database that is away, missing or behind is \
                waited for, and told once; a newer version will do, since migrations keep older binaries working. What \
                waiting does not mend, as a refused password or a migration that was left half done, ends it at once. \
                The broker is not asked. With --timeout the exit status is 75 when that is over.

                EXAMPLES:
                  shopctl migrate wait --timeout 5m
                  shopctl migrate wait --role orders -q --timeout 60s
                  shopctl migrate wait --timeout 5m && shopctl serve orders
                """)

        @OptionGroup var roles: Roles
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws { try source.check(roles.chosen) }

        func run(_ context: CommandContext) async throws {
            let plan = MigrationPlan(
                roles: roles.all, configuration: try settings.begin(context), databasesOnly: true,
                folder: source.folder)
            var told: Set<String> = []
            while true {
                var standing = try await plan.status()
                standing.advice = MigrateAdvice(context.arguments)
                try check(standing, context)
                let awaited = standing.databases.compactMap(\.awaited)
                if awaited.isEmpty { return try output.write(standing, context) }
                for line in awaited where told.insert(line).inserted { context.note("waiting: \(line)") }
                try await Task.sleep(for: .seconds(1))
            }
        }

        /// Passes if waiting may help.
        private func check(_ standing: MigrationStanding, _ context: CommandContext) throws {
            let hopeless = standing.failures.all.filter {
                ![.unreachable, .tryAgain].contains(Diagnosis($0.error).status)
            }
            if !hopeless.isEmpty { try standing.failures.finish(context) }
            for case .there(let status) in standing.databases {
                for anomaly in status.anomalies {
                    switch anomaly {
                    case .locked, .unknownVersion, .invalidIndex, .readOnly: continue
                    case .dirty, .foreignVersionTable, .understated, .passedOver:
                        throw CommandFailure(
                            .badData, "\(anomaly)", hint: "shopctl migrate status --role \(status.role)",
                            code: .migrationDirty, object: "database '\(status.database)'")
                    }
                }
            }
        }
    }
}

extension MigrationStanding.Database {
    /// The thing that is waited for; nil if the database is ready.
    fileprivate var awaited: String? {
        switch self {
        case .there(let status):
            let isNewer = status.anomalies.contains { if case .unknownVersion = $0 { true } else { false } }
            if status.pending == 0 || isNewer { return nil }
            return "\(role): \(status.pending == 1 ? "1 migration is" : "\(status.pending) migrations are") pending"
        case .missing(_, let database, _): return "\(role): database '\(database)' does not exist"
        case .unknown(_, _, _, let reason): return "\(role): \(reason)"
        }
    }
}
