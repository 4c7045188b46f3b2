/// A runner of statements: a client, a transaction or a session.
public protocol PostgresExecutor: Sendable {
    /// Runs the statements with one flush; what they are for each other depends on the executor.
    ///
    /// Called through ``query(_:file:line:)`` and ``batch(_:file:line:)``.
    func run(_ queries: [PostgresQuery], file: String, line: Int) async throws -> [PostgresRows]
}

extension PostgresExecutor {
    /// Runs one statement.
    ///
    /// - Throws: `PostgresError`.
    @discardableResult
    public func query(
        _ query: PostgresQuery, file: String = #fileID, line: Int = #line
    ) async throws -> PostgresRows {
        let rows = try await run([query], file: file, line: line)
        guard let first = rows.first else { throw PostgresError(.connection, "a statement without a result") }
        return first
    }

    /// Runs several statements with one flush, in order. Those after one that fails are not run.
    ///
    /// On a client, or on a session outside of a transaction, they are one transaction.
    /// - Throws: `PostgresError` of the first statement that failed.
    @discardableResult
    public func batch(
        _ queries: [PostgresQuery], file: String = #fileID, line: Int = #line
    ) async throws -> [PostgresRows] {
        if queries.isEmpty { return [] }
        return try await run(queries, file: file, line: line)
    }
}

extension [PostgresQuery] {
    /// Refuses what cannot be sent.
    func validate(_ site: CallSite) throws {
        for query in self {
            if let refusal = query.refusal { throw PostgresError(.encoding, refusal).at(site, query: query.sql) }
        }
    }

    func rows(_ reply: UnitReply, _ site: CallSite) -> [PostgresRows] {
        zip(self, reply.results).map { PostgresRows(result: $1, query: $0.sql, site: site) }
    }
}
