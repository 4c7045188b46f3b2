public import FoundationEssentials

/// A pair of files for a migration that is about to be written.
public struct MigrationDraft: Sendable, Equatable {
    /// The comment of a file that is still to be written.
    static let marker = "migrate:draft"

    /// Its version: the next one of its folder.
    public let version: Int64
    /// The names of its files, the way up first.
    public let names: [String]

    /// Chooses the next version after those of a folder: the next number in as many digits, or the time in UTC where
    /// the last one is a time.
    ///
    /// - Throws: `MigrationError` for a folder that cannot be read, or whose files are no migrations.
    public init(title: String, in folder: MigrationFolder, now: Date) throws(MigrationError) {
        var latest: Int64 = 0
        var digits = 6
        for file in try folder.files(role: "") {
            let version = try file.parts().version
            guard version >= latest else { continue }
            latest = version
            digits = file.name.prefix { $0.isNumber }.count
        }
        if digits == 14, let time = Int64(Self.time(now)) {
            version = max(time, latest + 1)
        } else {
            version = latest + 1
        }
        let number = String(version)
        let stem = String(repeating: "0", count: max(0, digits - number.count)) + number + "_" + title
        names = ["\(stem).up.sql", "\(stem).down.sql"]
    }

    /// Writes both files, and replaces none.
    ///
    /// - Throws: `MigrationError.unreadableFolder` if a file cannot be written.
    public func write(to folder: MigrationFolder, title: String) throws(MigrationError) {
        let words = title.replacing("_", with: " ")
        let texts = ["-- \(words): why, and what it is for.\n", "-- Takes back: \(words).\n"].map {
            $0 + "-- \(Self.marker)\n"
        }
        for (name, text) in zip(names, texts) {
            do {
                try Data(text.utf8).write(
                    to: URL(filePath: folder.path).appending(path: name), options: .withoutOverwriting)
            } catch {
                throw .unreadableFolder(path: folder.path, reason: "\(name) cannot be written")
            }
        }
    }

    /// Whether a file is as it was made: it is marked, and has no statement yet.
    static func isUnwritten(_ script: SQLScript) -> Bool {
        script.statements.isEmpty && script.comments.contains { $0.words.first.map(String.init) == marker }
    }

    private static func time(_ date: Date) -> String {
        date.formatted(.iso8601).filter(\.isNumber)
    }
}
