/// Statements that would break what the driver promises, found by their text.
enum StatementRules {
    private static let transactionControl: Set<String> = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"]
    /// First words of statements that need a connection of their own.
    static let sessionOnly: Set<String> = [
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE",
        "LISTEN", "UNLISTEN", "DISCARD", "DEALLOCATE", "PREPARE", "COPY",
    ]

    /// Refuses what would leave something behind on a connection that all callers share: it would be everybody's.
    ///
    /// - Returns: What is found out about their effect, as ``effect(of:)``.
    static func checkShared(_ queries: [PostgresQuery], _ site: CallSite) throws -> PipelineUnit.Effect {
        var effect = PipelineUnit.Effect.read
        for query in queries {
            let verdict = StatementVerdict.on(query.sql)
            if verdict.isSessionOnly {
                throw PostgresError(.usage, "\(verdict.keyword) needs a transaction { } or withConnection { }")
                    .at(site, query: query.sql)
            }
            if verdict.touchesSession {
                throw PostgresError(
                    .usage, "a statement that leaves something behind in its session needs withConnection { }"
                ).at(site, query: query.sql)
            }
            if !query.isDeclaredReadOnly, !verdict.isHarmless { effect = .autocommit }
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

    /// Whether statements that are a transaction of their own may be tried again when their answer is lost: if each is
    /// declared to read or does by its text, and the server lets them only read.
    static func effect(of queries: [PostgresQuery]) -> PipelineUnit.Effect {
        queries.allSatisfy { $0.isDeclaredReadOnly || StatementVerdict.on($0.sql).isHarmless } ? .read : .autocommit
    }
}
