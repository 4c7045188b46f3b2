/// All migrations of one role's database, in order of version.
public struct MigrationSet: Sendable, Equatable {
    /// The rules that files follow.
    public enum Rules: Sendable {
        /// This shop's own: versions 1, 2, 3, … without a gap, each with its way back, none with transactions of its own.
        case strict
        /// golang-migrate's: versions are any numbers, times say; ways back may be missing, files may be empty, and may
        /// begin and end transactions themselves.
        case golangMigrate
    }

    /// The role whose database they are for.
    public let role: String
    /// In order of version.
    public let migrations: [Migration]
    /// Whether they are this binary's own.
    var isEmbedded = false

    /// The version a database has when all are applied; 0 if there are none.
    public var latest: Int64 { migrations.last?.version ?? 0 }

    /// Puts the files of one role together.
    ///
    /// - Throws: `MigrationError.invalidFile` for a file that breaks the rules.
    public init(role: String, files: [MigrationFile], rules: Rules = .strict) throws(MigrationError) {
        var halves: [Int64: [MigrationDirection: (file: MigrationFile, title: String)]] = [:]
        for file in files {
            let parts = try file.parts()
            if let twin = halves[parts.version]?[parts.direction] {
                throw .invalidFile(path: file.path, reason: "its version is that of \(twin.file.name) too")
            }
            try Self.check(file, rules)
            halves[parts.version, default: [:]][parts.direction] = (file, parts.title)
        }
        var migrations: [Migration] = []
        for (version, half) in halves.sorted(by: { $0.key < $1.key }) {
            guard let up = half[.up], half[.down] != nil || rules == .golangMigrate else {
                let lonely = half.values.first?.file.path ?? role
                throw .invalidFile(path: lonely, reason: "its other half, the way up or down, is missing")
            }
            if rules == .strict {
                if let down = half[.down], up.title != down.title {
                    throw .invalidFile(path: up.file.path, reason: "its way down has another title: \(down.file.name)")
                }
                guard version == Int64(migrations.count) + 1 else {
                    throw .invalidFile(
                        path: up.file.path, reason: "version \(migrations.count + 1) is expected here, without a gap")
                }
            }
            migrations.append(
                Migration(version: version, title: up.title, up: up.file.text, down: half[.down]?.file.text))
        }
        self.role = role
        self.migrations = migrations
    }

    private static func check(_ file: MigrationFile, _ rules: Rules) throws(MigrationError) {
        let script = SQLScript(file.text)
        if rules == .strict {
            guard let first = script.statements.first, !first.leading.isEmpty else {
                throw .invalidFile(path: file.path, reason: "it has no statement")
            }
            if let keyword = script.transactionControl {
                throw .invalidFile(
                    path: file.path,
                    reason: "it says \(keyword); every migration already runs in one transaction of its own")
            }
        }
        guard !MigrationDraft.isUnwritten(script) else {
            throw .invalidFile(
                path: file.path,
                reason: """
                    it has no statement yet; where nothing is to be done, take out its line \
                    '-- \(MigrationDraft.marker)'
                    """)
        }
        guard MigrationMode(script) != .transaction else {
            // The server would refuse it half way through, with the transaction.
            guard let line = script.statements.first(where: { ConcurrentIndexStatement($0) != nil })?.line else {
                return
            }
            throw .invalidFile(
                path: file.path,
                reason: """
                    line \(line) works concurrently, which no transaction may: give it a file of its own, or \
                    say '-- \(MigrationMode.marker)' in this one
                    """)
        }
        for statement in script.statements where ConcurrentIndexStatement(statement) == .create(index: nil) {
            throw .invalidFile(
                path: file.path,
                reason: "line \(statement.line) builds an index without a name, by which a broken one would be found")
        }
    }

    /// The migrations that this binary carries for a role.
    ///
    /// - Throws: `MigrationError.unknownRole` if it has none.
    public static func `for`(_ role: String) throws(MigrationError) -> MigrationSet {
        let files = EmbeddedMigrations.files.filter { $0.role == role }
        guard !files.isEmpty else { throw .unknownRole(role, known: roles) }
        var set = try MigrationSet(role: role, files: files)
        set.isEmbedded = true
        return set
    }

    /// The roles that this binary carries migrations for, sorted.
    public static var roles: [String] {
        Set(EmbeddedMigrations.files.map(\.role)).sorted()
    }

    subscript(version: Int64) -> Migration? { migrations.first { $0.version == version } }

    /// The version before another; 0 before the first.
    func version(before version: Int64) -> Int64 { migrations.last { $0.version < version }?.version ?? 0 }
}
