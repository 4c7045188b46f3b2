import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate verify`
    struct MigrateVerify: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Compare what was applied, and the schema that it has made, with the migrations at hand.",
            discussion: """
                A migration that was changed after it was applied has one effect in old databases and another in new \
                ones. The checksum of each is kept in schema_migrations_history when it is applied. Those that were \
                applied before, or by golang-migrate, are unrecorded; 'baseline' takes them over. One that the database \
                went past without it was never applied. The schema is \
                compared where the database has this program's version, nobody migrates it, and the migrations are \
                the program's own (no --dir); keys and indexes of a table in partitions are not, nor is the SQL of \
                indexes, constraints and triggers where the server's major version is not the one that this program \
                knows its spelling of: a line says so. DRIFT counts the differences, with a dash where nothing was \
                compared. Changes nothing; the exit status is 2 if something was changed, never applied or is missing here.

                EXAMPLES:
                  shopctl migrate verify
                  shopctl migrate verify --role orders -o json
                  shopctl migrate verify --role orders --dir migrations/orders
                """)

        @OptionGroup var roles: Roles
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws { try source.check(roles.chosen) }

        func run(_ context: CommandContext) async throws {
            let plan = MigrationPlan(
                roles: roles.all, configuration: try settings.begin(context), folder: source.folder)
            let runners = try roles.all.map { (role: $0, runner: try plan.runner($0)) }
            var report = VerificationReport(advice: MigrateAdvice(context.arguments))
            for (role, runner) in runners {
                let found = try await report.failures.noting(role.rawValue, at: runner.place) {
                    try await runner.verify()
                }
                guard let found else { continue }
                report.databases.append(found)
                let comparison = try await report.failures.noting(role.rawValue, at: runner.place) {
                    try await runner.compareSchema()
                }.flatMap { $0 }
                report.drift[role.rawValue] = comparison?.differences.map { "\($0)" }
                report.uncompared[role.rawValue] = comparison?.uncompared
            }
            if !report.databases.isEmpty { try output.write(report, context) }
            try report.failures.finish(context)
            let unsound = report.databases.filter { !$0.isSound }
            guard let first = unsound.first else {
                let drift = report.drift.filter { !$0.value.isEmpty }
                guard !drift.isEmpty else { return }
                throw CommandFailure(
                    .no, "a schema is not as its migrations make it",
                    hint: "put back by hand, with psql, what is told above; then: "
                        + report.advice.keeping("shopctl migrate verify"), code: .migrationChanged,
                    object: "database of \(drift.keys.sorted().joined(separator: " and "))")
            }
            if let understated = unsound.first(where: { $0.understated != nil }) {
                throw CommandFailure(
                    .no, "schema_migrations has a lower version than what was applied",
                    hint: report.repair(understated), code: .migrationChanged,
                    object: "database '\(understated.database)'")
            }
            if unsound.allSatisfy({ $0.entries.allSatisfy { !$0.state.isFault || $0.state == .neverApplied } }) {
                throw CommandFailure(
                    .no, "migrations at hand were never applied",
                    hint: "give their files a version above \(first.version), then: "
                        + report.advice.keeping("shopctl migrate up --role \(first.role)"),
                    code: .migrationChanged, object: Self.object(unsound), causes: Self.causes(unsound))
            }
            throw CommandFailure(
                .no, "applied migrations differ from those at hand",
                hint: first.entries.first { $0.state == .changed }.map { report.repair(first.role, $0.version) }
                    ?? "shopctl migrate history", code: .migrationChanged, object: Self.object(unsound),
                causes: Self.causes(unsound))
        }

        private static func object(_ unsound: [MigrationVerification]) -> String {
            (unsound.count == 1 ? "database " : "databases such as ") + "'\(unsound[0].database)'"
        }

        private static func causes(_ unsound: [MigrationVerification]) -> [String] {
            unsound.flatMap { database in
                database.entries.filter(\.state.isFault).map { entry in
                    let state = entry.state.rawValue.replacing("_", with: " ")
                    return "\(database.role): \(entry.version) \(entry.title) \(state)"
                }
            }
        }
    }
}

/// Applied migrations beside those at hand.
struct VerificationReport: Report {
    /// Has the commands that help keep what the command line says.
    let advice: MigrateAdvice
    var databases: [MigrationVerification] = []
    /// The differences of a role's schema; none of a role whose schema could not be compared.
    var drift: [String: [String]] = [:]
    /// The parts of a role's schema that were not compared, and why.
    var uncompared: [String: String] = [:]
    var failures = MigrationFailures()

    var body: ReportBody {
        .one([
            "sound": .bool(
                failures.isEmpty && databases.allSatisfy(\.isSound) && drift.values.allSatisfy(\.isEmpty)),
            "databases": .records(
                databases.map { database in
                    [
                        "role": .text(database.role), "database": .text(database.database),
                        "version": .integer(database.version),
                        "applied_version": .integer(database.understated ?? database.version),
                        "drift": drift[database.role].map(OutputValue.texts) ?? .null,
                        "uncompared": .optional(uncompared[database.role]),
                        "migrations": .records(
                            database.entries.map { entry in
                                [
                                    "version": .integer(entry.version), "title": .text(entry.title),
                                    "state": .text(entry.state.rawValue), "recorded": .optional(entry.recorded),
                                    "current": .optional(entry.current),
                                ]
                            }),
                    ]
                }),
            "failures": failures.output,
        ])
    }

    /// The command that accepts a change.
    func repair(_ role: String, _ version: Int64) -> String {
        advice.keeping("shopctl migrate repair --role \(role) --accept \(version) --reason \"...\"")
    }

    /// The command that sets a version which is too low.
    func repair(_ database: MigrationVerification) -> String {
        let version = database.understated ?? database.version
        return advice.keeping(
            "shopctl migrate repair --role \(database.role) --set-version \(version) --reason \"...\"")
    }

    func table(_ style: TextStyle) -> String {
        var table = Table([
            .left("ROLE"), .left("DATABASE"), .right("VERSION"), .right("SAME", minor: true), .right("CHANGED"),
            .right("UNRECORDED"), .right("MISSING"), .right("PENDING"), .right("DRIFT"),
        ])
        var details = ""
        for database in databases {
            // What was never applied has lines of its own.
            let counted = MigrationVerification.State.allCases.filter { $0 != .neverApplied }
            let cells = counted.map { state -> Table.Cell in
                let count = database.entries.count { $0.state == state }
                return .styled(String(count), count > 0 && state.isFault ? .red : .none)
            }
            let drift = self.drift[database.role]
            let differences = Table.Cell.styled(
                drift.map { String($0.count) } ?? "-", drift?.isEmpty == false ? .red : .none)
            table.add(
                [.plain(database.role), .plain(database.database), .plain(String(database.version))] + cells
                    + [differences])
            for entry in database.entries where entry.state.isFault {
                let what =
                    switch entry.state {
                    case .changed: "was applied from other SQL than what is here"
                    case .neverApplied:
                        """
                        was never applied, though the database is at version \(database.version): give its files a \
                        higher version, or, if its SQL was run by another program, \
                        \(repair(database.role, entry.version))
                        """
                    default: "was applied, and is not known here"
                    }
                details += Printable.line("\(database.role) \(entry.version)_\(entry.title) \(what)") + "\n"
            }
            for difference in drift ?? [] {
                details += Printable.line("\(database.role): \(difference)") + "\n"
            }
            if let reason = uncompared[database.role] {
                details += Printable.line("\(database.role): \(reason)") + "\n"
            }
            if let applied = database.understated {
                details +=
                    "\(database.role): version \(applied) was applied; schema_migrations says \(database.version)\n"
                details += "next: \(repair(database))\n"
            } else if let first = database.entries.first(where: { $0.state == .changed }) {
                details += "next: \(repair(database.role, first.version))\n"
            } else if database.isSound, database.entries.contains(where: { $0.state == .unrecorded }) {
                let baseline = "shopctl migrate baseline --role \(database.role) --from-golang-migrate"
                details += "next: \(advice.keeping(baseline))\n"
            }
        }
        return table.text(style) + details
    }
}
