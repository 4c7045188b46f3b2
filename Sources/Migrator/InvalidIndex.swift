import Postgres

/// An index that a concurrent build has left unusable: it costs writers time and helps no reader.
struct InvalidIndex: Sendable, Equatable {
    let name: String
    let table: String
    /// The name as SQL takes it.
    let quoted: String
    /// The statement that makes it.
    let definition: String

    /// The same statement, keeping no writer from the table.
    var concurrentDefinition: String {
        guard let range = definition.firstRange(of: " INDEX ") else { return definition }
        return definition[..<range.lowerBound] + " INDEX CONCURRENTLY " + definition[range.upperBound...]
    }

    /// Whether REINDEX CONCURRENTLY has left it beside the one that it was to replace.
    var isLeftover: Bool { name.firstMatch(of: /_cc(new|old)[0-9]*$/) != nil }

    /// Those of the schema, without the ones that are being built just now.
    static func all(on session: PostgresSession) async throws -> [InvalidIndex] {
        try await session.query(
            """
            SELECT c.relname::text AS name, t.relname::text AS table_name,
                   format('%I.%I', n.nspname, c.relname) AS quoted, pg_get_indexdef(c.oid) AS definition
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE NOT i.indisvalid AND t.relkind = 'r' AND n.nspname = current_schema()
              AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
            ORDER BY 1
            """
        ).map { row in
            InvalidIndex(
                name: try row.decode("name"), table: try row.decode("table_name"), quoted: try row.decode("quoted"),
                definition: try row.decode("definition"))
        }
    }
}
