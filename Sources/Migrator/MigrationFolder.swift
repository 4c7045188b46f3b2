import FoundationEssentials

/// A folder of migrations, as golang-migrate reads it.
public struct MigrationFolder: Sendable {
    /// Its path.
    public let path: String

    /// A folder by its path; it is read when it is asked for.
    public init(path: String) { self.path = path }

    /// Reads its migrations. As with golang-migrate, files that are not named as migrations are not looked at.
    ///
    /// - Throws: `MigrationError` for a folder or file that cannot be read, or has no migration.
    public func set(role: String) throws(MigrationError) -> MigrationSet {
        let files = try files(role: role)
        guard !files.isEmpty else {
            throw .unreadableFolder(path: path, reason: "it has no file that is named {version}_{title}.up.sql")
        }
        return try MigrationSet(role: role, files: files, rules: .golangMigrate)
    }

    /// The folders of migrations here: this one, or those in it, where it has no migration itself and they have.
    ///
    /// - Throws: `MigrationError` for a folder that cannot be read.
    public func parts() throws(MigrationError) -> [MigrationFolder] {
        guard try !names().contains(where: Self.isMigration) else { return [self] }
        var parts: [MigrationFolder] = []
        for name in try names() {
            let part = MigrationFolder(path: path.hasSuffix("/") ? path + name : "\(path)/\(name)")
            // What is no folder has no names.
            guard let names = try? part.names(), names.contains(where: Self.isMigration) else { continue }
            parts.append(part)
        }
        return parts.isEmpty ? [self] : parts
    }

    private static func isMigration(_ name: String) -> Bool {
        (name.hasSuffix(".up.sql") || name.hasSuffix(".down.sql")) && name.first?.isNumber == true
    }

    /// The files that are named as migrations, sorted.
    func files(role: String) throws(MigrationError) -> [MigrationFile] {
        var files: [MigrationFile] = []
        for name in try names() where Self.isMigration(name) {
            let data: Data
            do {
                data = try Data(contentsOf: URL(filePath: path).appending(path: name))
            } catch {
                throw .unreadableFolder(path: path, reason: "\(name) cannot be read")
            }
            guard let text = String(validating: data, as: UTF8.self), !text.utf8.contains(0) else {
                throw .invalidFile(path: "\(path)/\(name)", reason: "it is no text in UTF-8")
            }
            files.append(MigrationFile(role: role, name: name, text: text, folder: path))
        }
        return files
    }

    private func names() throws(MigrationError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw .unreadableFolder(path: path, reason: "it is not there, or may not be read")
        }
    }
}
