import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate repair`
    struct MigrateRepair: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "repair",
            abstract: "Let migrations go on after something was mended by hand.",
            discussion: """
                --clear-dirty takes back the mark of a migration that was left half done, by golang-migrate or outside \
                of a transaction: finish its statements by hand, or undo them and say with --at which version the schema \
                really has. --set-version is for a version in schema_migrations that is lower than what was applied: it \
                is taken only where history and schema show that it was. --accept takes a migration's changed SQL for \
                the one that was applied. --indexes drops \
                INVALID indexes and builds them again, without a lock on their tables. The reason is kept in \
                schema_migrations_history.

                EXAMPLES:
                  shopctl migrate repair --role orders --clear-dirty \\
                    --reason "finished by hand"
                  shopctl migrate repair --role orders --clear-dirty --at 6 \\
                    --reason "undone by hand" --dry-run
                  shopctl migrate repair --role orders --accept 3 --reason "a comment"
                  shopctl migrate repair --role orders --set-version 15 --reason "restored"
                  shopctl migrate repair --role orders --indexes --reason "disk was full"
                """)

        @Option(help: ArgumentHelp("Whose database.", valueName: "role"))
        var role: Role
        @Flag(help: "Take the mark back that a migration is half done.")
        var clearDirty = false
        @Option(help: ArgumentHelp("With --clear-dirty: the version that the schema really has.", valueName: "version"))
        var at: Int64?
        @Option(help: ArgumentHelp("Set the version to one that was applied.", valueName: "version"))
        var setVersion: Int64?
        @Option(help: ArgumentHelp("Accept this version's SQL as it is; may be repeated.", valueName: "version"))
        var accept: [Int64] = []
        @Flag(help: "Drop INVALID indexes and build them again.")
        var indexes = false
        @Option(help: ArgumentHelp("Why, for the history.", valueName: "text"))
        var reason: String
        @Flag(help: "Only tell what would be done.")
        var dryRun = false
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard clearDirty || setVersion != nil || !accept.isEmpty || indexes else {
                throw ValidationError("say what: --clear-dirty, --set-version, --accept or --indexes")
            }
            guard setVersion == nil || !clearDirty else {
                throw ValidationError("say the version that goes with --clear-dirty by --at")
            }
            guard at == nil || clearDirty, at ?? 0 >= 0 else { throw ValidationError("--at goes with --clear-dirty") }
            try ReasonText.check(reason)
            // As an advised command has it, for somebody to fill in.
            guard reason.contains(where: { !".…".contains($0) && !$0.isWhitespace }) else {
                throw ValidationError("--reason must say why, and not '\(reason)'")
            }
        }

        func run(_ context: CommandContext) async throws {
            var plan = MigrationPlan(
                roles: [role], configuration: try settings.begin(context), folder: source.folder)
            plan.note = { context.note($0) }
            let runner = try plan.runner(role)
            var repair = MigrationRepair(reason: reason)
            repair.clearsDirty = clearDirty
            repair.version = at
            repair.appliedVersion = setVersion
            repair.accepted = accept
            repair.rebuildsIndexes = indexes
            repair.isDryRun = dryRun
            let done = try await runner.repair(repair)
            try output.write(
                MigrationRepairReport(
                    role: role.rawValue, database: runner.database, isDryRun: dryRun, reason: reason, done: done),
                context, deed: done.joined(separator: "; "))
        }
    }
}

/// The files and versions that were mended.
struct MigrationRepairReport: Report {
    let role: String
    let database: String
    let isDryRun: Bool
    let reason: String
    let done: [String]

    var body: ReportBody {
        .one([
            "role": .text(role), "database": .text(database), "dry_run": .bool(isDryRun), "reason": .text(reason),
            "repairs": .texts(done),
        ])
    }

    func table(_ style: TextStyle) -> String {
        guard !done.isEmpty else { return "nothing was to be repaired\n" }
        return done.map { (isDryRun ? "would be: " : "") + Printable.line($0) + "\n" }.joined()
    }
}
