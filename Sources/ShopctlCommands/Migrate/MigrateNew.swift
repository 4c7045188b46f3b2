import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate new`
    struct MigrateNew: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "new",
            abstract: "Create the two files of a new migration, with the next number.",
            discussion: """
                The files go to migrations/ROLE below the current folder, or to --dir. Where the latest version is a \
                time, as in 20261127093000, the new one is the present time in UTC. Both files hold comments only, and \
                are refused until they have a statement, or no line '-- migrate:draft' any more.

                EXAMPLES:
                  shopctl migrate new order_notes --role orders
                  shopctl migrate new order_notes --role orders --dir db/migrations
                """)

        @Argument(help: ArgumentHelp("What it is about: small letters, digits and underscores.", valueName: "name"))
        var name: String
        @Option(help: ArgumentHelp("Whose database.", valueName: "role"))
        var role: Role
        @Option(
            help: ArgumentHelp("The folder of the files.", valueName: "folder"), completion: .directory)
        var dir: String?
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard name.wholeMatch(of: /[a-z0-9][a-z0-9_]{0,99}/) != nil else {
                throw ValidationError("the name must be small letters, digits and underscores, as in order_notes")
            }
        }

        func run(_ context: CommandContext) async throws {
            let folder = MigrationFolder(path: dir ?? "migrations/\(role.rawValue)")
            let draft = try MigrationDraft(title: name, in: folder, now: context.now())
            try draft.write(to: folder, title: name)
            let report = NewMigrationReport(
                role: role.rawValue, version: draft.version, files: draft.names.map { "\(folder.path)/\($0)" })
            try output.write(report, context, deed: "created \(report.files.joined(separator: ", "))")
        }
    }
}

/// The files of a new migration.
struct NewMigrationReport: Report {
    let role: String
    let version: Int64
    let files: [String]

    var body: ReportBody {
        .one(["role": .text(role), "version": .integer(version), "files": .texts(files)])
    }

    func table(_ style: TextStyle) -> String { files.map { Printable.line($0) + "\n" }.joined() }
}
