/// Creates and drops databases of a stack, through `psql`; for owners and tests, before any driver is there.
public struct PostgresControl: Sendable {
    private let state: DevStackState
    private let psql: String

    /// - Throws: ``DevStackError/missingPrograms(_:)``
    public init(_ state: DevStackState) throws {
        self.state = state
        psql = try Installation.find([.postgres], in: Installation.SearchPath(path: nil)).psql
    }

    /// Creates a database, as a copy of a template if one is named.
    ///
    /// - Throws: ``DevStackError/invalidName(_:)``, ``DevStackError/toolFailed(program:reason:)``
    public func createDatabase(_ name: String, template: String? = nil) async throws {
        let source = try template.map { " TEMPLATE \(try quoted($0))" } ?? ""
        try await execute("CREATE DATABASE \(quoted(name))\(source)")
    }

    /// Drops a database and whatever is connected to it; a missing one is no error.
    ///
    /// - Throws: ``DevStackError/invalidName(_:)``, ``DevStackError/toolFailed(program:reason:)``
    public func dropDatabase(_ name: String) async throws {
        try await execute("DROP DATABASE IF EXISTS \(quoted(name)) WITH (FORCE)")
    }

    /// Runs SQL on a database and returns the rows, columns separated by `|`.
    ///
    /// - Throws: ``DevStackError/toolFailed(program:reason:)``
    @discardableResult
    public func execute(_ sql: String, database: String = "postgres") async throws -> [String] {
        let endpoint = state.postgres
        let command = Command(
            program: psql,
            arguments: [
                "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--file=-",
            ],
            environment: [
                "PGHOST": endpoint.host, "PGPORT": "\(endpoint.port)", "PGUSER": endpoint.user,
                "PGPASSWORD": endpoint.password, "PGDATABASE": database, "PGCONNECT_TIMEOUT": "30",
                "PGSSLMODE": "disable", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin",
            ], directory: "/")
        return try await command.output(input: sql + ";\n").split(separator: "\n").map(String.init)
    }

    private func quoted(_ name: String) throws -> String { "\"\(try checkedName(name))\"" }
}

/// A name that needs no escaping in SQL or Erlang.
func checkedName(_ name: String) throws -> String {
    let allowed = name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
    guard allowed, !name.isEmpty, name.utf8.count <= 63 else { throw DevStackError.invalidName(name) }
    return name
}
