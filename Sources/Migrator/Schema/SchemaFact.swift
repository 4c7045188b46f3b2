import Postgres

/// One thing that a schema has: a table, a column of it, and so on.
struct SchemaFact: Sendable, Equatable {
    enum Kind: String, Sendable {
        case table
        case view
        case column
        case index
        case constraint
        case trigger
    }

    /// The thing without its definition.
    struct Key: Hashable, Sendable {
        let kind: Kind
        /// The table or view.
        let relation: String
        /// Empty for a table or view itself.
        let name: String
    }

    let key: Key
    /// The type and more of a column; the SQL of an index, constraint or trigger; whether a table is partitioned.
    let definition: String

    /// Whether it is a table or a view.
    var isRelation: Bool { key.kind == .table || key.kind == .view }

    /// Whether it is a table in partitions.
    var isPartitioned: Bool { key.kind == .table && definition == "partitioned" }

    init(kind: Kind, relation: String, name: String, definition: String) {
        key = Key(kind: kind, relation: relation, name: name)
        self.definition = definition
    }

    /// Reads `column|carts|user_id|bigint not null`; nil for anything else.
    init?(line: Substring) {
        let parts = line.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let kind = Kind(rawValue: parts[0]) else { return nil }
        self.init(kind: kind, relation: parts[1], name: parts[2], definition: parts[3])
    }

    /// Whether another definition says the same: servers of different versions put other parentheses and blanks.
    ///
    /// - Parameter isOfOtherVersion: It comes from a server of another major version, which may spell SQL otherwise:
    ///   only what kind of index, constraint or trigger it is, and whether it is disabled, is compared.
    func agrees(with other: String, isOfOtherVersion: Bool = false) -> Bool {
        if isOfOtherVersion, let count = wordsOfKind {
            func kind(_ text: String) -> [Substring] { Array(text.split { !$0.isLetter }.prefix(count)) }
            return kind(definition) == kind(other)
        }
        func bare(_ text: String) -> String { text.filter { !"() \n".contains($0) } }
        return definition == other || bare(definition) == bare(other)
    }

    /// The number of words that SQL opens with and that tell a kind: `CHECK`, `CREATE UNIQUE`; nil if there is no SQL.
    private var wordsOfKind: Int? {
        switch key.kind {
        case .table, .view, .column: nil
        case .constraint: 1
        case .index, .trigger: 2
        }
    }

    /// Those of a role's schema with all migrations of this binary applied; empty for a role that it does not know.
    static func expected(of role: String) -> [SchemaFact] {
        (EmbeddedSchemas.facts[role] ?? "").split(separator: "\n").compactMap { SchemaFact(line: $0) }
    }

    /// The major version of a server.
    static func serverVersion(on session: PostgresSession) async throws -> Int {
        let number: Int32? = try await session.query("SELECT current_setting('server_version_num')::int4 AS number")
            .first?.decode("number")
        return Int(number ?? 0) / 10_000
    }

    /// Those of the schema that new tables go to.
    static func all(on session: PostgresSession) async throws -> [SchemaFact] {
        try await session.query("\(unescaped: EmbeddedSchemas.query)").map { row in
            let kind: String = try row.decode("kind")
            return SchemaFact(
                kind: Kind(rawValue: kind) ?? .table, relation: try row.decode("relation"),
                name: try row.decode("name"), definition: try row.decode("definition"))
        }
    }
}
