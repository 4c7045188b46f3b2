/// Statements that would break what the driver promises, found by their first word.
enum StatementRules {
    private static let transactionControl: Set<String> = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"]
    private static let sessionOnly: Set<String> = [
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE",
        "LISTEN", "UNLISTEN", "DISCARD", "DEALLOCATE", "PREPARE", "COPY",
    ]

    /// On a connection that all callers share, session state would be everybody's.
    static func checkShared(_ queries: [PostgresQuery], _ site: CallSite) throws -> PipelineUnit.Effect {
        var effect = PipelineUnit.Effect.read
        for query in queries {
            let keyword = query.leadingKeyword
            if sessionOnly.contains(keyword) {
                throw PostgresError(.usage, "\(keyword) needs a transaction { } or withConnection { }")
                    .at(site, query: query.sql)
            }
            if !isRead(keyword) { effect = .autocommit }
        }
        return effect
    }

    static func checkInTransaction(_ queries: [PostgresQuery], _ site: CallSite) throws {
        for query in queries where transactionControl.contains(query.leadingKeyword) {
            throw PostgresError(.usage, "the transaction ends with its closure, not with a statement")
                .at(site, query: query.sql)
        }
    }

    static func checkScript(_ script: String, _ site: CallSite) throws {
        if script.utf8.contains(0) {
            throw PostgresError(.encoding, "the script contains a NUL character").at(site)
        }
    }

    static func effect(of queries: [PostgresQuery]) -> PipelineUnit.Effect {
        queries.allSatisfy { isRead($0.leadingKeyword) } ? .read : .autocommit
    }

    private static func isRead(_ keyword: String) -> Bool {
        keyword == "SELECT" || keyword == "SHOW" || keyword == "VALUES" || keyword == "TABLE"
    }
}
