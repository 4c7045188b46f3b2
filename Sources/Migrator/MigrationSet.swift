/// All migrations of one role's database, in order: versions 1, 2, 3, … without a gap, each with its way back.
public struct MigrationSet: Sendable, Equatable {
    /// The role whose database they are for.
    public let role: String
    /// In order of version.
    public let migrations: [Migration]

    /// The version a database has when all are applied; 0 if there are none.
    public var latest: Int64 { migrations.last?.version ?? 0 }

    /// Puts the files of one role together.
    ///
    /// - Throws: `MigrationError.invalidFile` for a name that is none, a version that is missing or there twice, a
    ///   half without its other, an empty file, or one that begins or ends transactions itself.
    public init(role: String, files: [MigrationFile]) throws(MigrationError) {
        var halves: [Int64: [MigrationDirection: (file: MigrationFile, title: String)]] = [:]
        for file in files {
            let parts = try file.parts()
            if let twin = halves[parts.version]?[parts.direction] {
                throw .invalidFile(path: file.path, reason: "its version is that of \(twin.file.name) too")
            }
            let script = SQLScript(file.text)
            guard let first = script.statements.first, !first.isEmpty else {
                throw .invalidFile(path: file.path, reason: "it has no statement")
            }
            if let keyword = script.transactionControl {
                throw .invalidFile(
                    path: file.path,
                    reason: "it says \(keyword); every migration already runs in one transaction of its own")
            }
            halves[parts.version, default: [:]][parts.direction] = (file, parts.title)
        }
        var migrations: [Migration] = []
        for (version, half) in halves.sorted(by: { $0.key < $1.key }) {
            guard let up = half[.up], let down = half[.down] else {
                let lonely = half.values.first?.file.path ?? role
                throw .invalidFile(path: lonely, reason: "its other half, the way up or down, is missing")
            }
            guard up.title == down.title else {
                throw .invalidFile(path: up.file.path, reason: "its way down has another title: \(down.file.name)")
            }
            guard version == Int64(migrations.count) + 1 else {
                throw .invalidFile(
                    path: up.file.path, reason: "version \(migrations.count + 1) is expected here, without a gap")
            }
            migrations.append(Migration(version: version, title: up.title, up: up.file.text, down: down.file.text))
        }
        self.role = role
        self.migrations = migrations
    }

    /// The migrations that this binary carries for a role.
    ///
    /// - Throws: `MigrationError.unknownRole` if it has none.
    public static func `for`(_ role: String) throws(MigrationError) -> MigrationSet {
        let files = EmbeddedMigrations.files.filter { $0.role == role }
        guard !files.isEmpty else { throw .unknownRole(role, known: roles) }
        return try MigrationSet(role: role, files: files)
    }

    /// The roles that this binary carries migrations for, sorted.
    public static var roles: [String] {
        Set(EmbeddedMigrations.files.map(\.role)).sorted()
    }

    subscript(version: Int64) -> Migration? {
        version >= 1 && version <= latest ? migrations[Int(version) - 1] : nil
    }
}
