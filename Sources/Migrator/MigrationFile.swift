/// A file of migrations: `{version}_{title}.up.sql` or `{version}_{title}.down.sql`, as golang-migrate names them.
public struct MigrationFile: Sendable, Equatable {
    /// The role whose database it is for: the folder it stands in.
    public let role: String
    /// The file's name without its folder.
    public let name: String
    /// Its SQL.
    public let text: String
    /// The folder as errors name it; nil for the role's own.
    var folder: String?

    /// A file by its folder, name and contents.
    public init(role: String, name: String, text: String) {
        self.init(role: role, name: name, text: text, folder: nil)
    }

    init(role: String, name: String, text: String, folder: String?) {
        self.role = role
        self.name = name
        self.text = text
        self.folder = folder
    }
}

extension MigrationFile {
    /// The parts of a file's name.
    struct Parts {
        let version: Int64
        let title: String
        let direction: MigrationDirection
    }

    /// Reads the name.
    func parts() throws(MigrationError) -> Parts {
        func refusal(_ reason: String) -> MigrationError { .invalidFile(path: path, reason: reason) }
        let direction: MigrationDirection
        let stem: Substring
        if name.hasSuffix(".up.sql") {
            direction = .up
            stem = name.dropLast(".up.sql".count)
        } else if name.hasSuffix(".down.sql") {
            direction = .down
            stem = name.dropLast(".down.sql".count)
        } else {
            throw refusal("its name does not end in .up.sql or .down.sql")
        }
        guard let underscore = stem.firstIndex(of: "_") else {
            throw refusal("its name is not {version}_{title}")
        }
        let digits = stem[..<underscore]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let version = Int64(digits) else {
            throw refusal("its name does not begin with a version in digits")
        }
        guard version > 0 else { throw refusal("its version is 0, which stands for an empty database") }
        let title = String(stem[stem.index(after: underscore)...])
        guard !title.isEmpty else { throw refusal("its name has no title") }
        return Parts(version: version, title: title, direction: direction)
    }

    var path: String { "\(folder ?? role)/\(name)" }
}
