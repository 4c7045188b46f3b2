import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate baseline`
    struct MigrateBaseline: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "baseline",
            abstract: "Take over a database whose versions golang-migrate has written.",
            discussion: """
                'up' goes on from golang-migrate's schema_migrations by itself. This notes in the history that the \
                migrations at hand are those that were applied, so that 'verify' tells of changes from now on. A \
                database that is marked dirty is refused. Run again it does nothing.

                EXAMPLES:
                  shopctl migrate baseline --role orders --from-golang-migrate --dry-run
                  shopctl migrate baseline --role orders --from-golang-migrate
                  shopctl migrate baseline --role orders --from-golang-migrate \\
                    --dir db/migrations
                """)

        @Option(help: ArgumentHelp("Whose database.", valueName: "role"))
        var role: Role
        @Flag(name: .customLong("from-golang-migrate"), help: "The program that has migrated the database until now.")
        var fromGolangMigrate = false
        @Flag(help: "Only make the checks, and show what would be noted.")
        var dryRun = false
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard fromGolangMigrate else {
                throw ValidationError("say who has migrated the database until now: --from-golang-migrate")
            }
        }

        func run(_ context: CommandContext) async throws {
            let plan = MigrationPlan(
                roles: [role], configuration: try settings.begin(context), folder: source.folder)
            let runner = try plan.runner(role)
            let (version, adopted) = try await runner.adopt(isDryRun: dryRun)
            try output.write(
                BaselineReport(
                    role: role.rawValue, database: runner.database, version: version, adopted: adopted,
                    isDryRun: dryRun), context, deed: dryRun ? nil : "taken over at version \(version)")
        }
    }
}

/// A database that was taken over.
struct BaselineReport: Report {
    let role: String
    let database: String
    let version: Int64
    let adopted: [String]
    let isDryRun: Bool

    var body: ReportBody {
        .one([
            "role": .text(role), "database": .text(database), "version": .integer(version),
            "migrations": .texts(adopted), "dry_run": .bool(isDryRun),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let verb = isDryRun ? "would be taken over; nothing was done" : "taken over"
        let count = adopted.count == 1 ? "1 migration" : "\(adopted.count) migrations"
        let what = adopted.isEmpty ? "every migration was known already" : "\(count) \(verb)"
        return "\(Printable.line(database)) of \(role) at version \(version): \(what)\n"
    }
}
