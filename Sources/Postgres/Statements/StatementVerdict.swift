import Synchronization

/// The facts that a statement's text tells about its effects.
struct StatementVerdict: Sendable {
    /// By its text it changes nothing: it reads, and calls only functions of PostgreSQL's own that do no more. What its
    /// views, operators and types call is not in the text, so the server has the last word.
    var isHarmless = false
    /// It leaves something behind in its session: a setting, a role, a temporary table, a lock, a channel.
    var touchesSession = false
    /// It runs code that may.
    var mayTouchSession = false
    /// The `statement_timeout` it sets.
    var timeout: ServerTimeout?
    /// Its first word in capitals.
    let keyword: String
    /// By that it needs a connection of its own.
    let isSessionOnly: Bool

    private static let capacity = 2048
    private static let known = Mutex<[String: StatementVerdict]>([:])

    /// The verdict on a statement; texts are few, and remembered.
    static func on(_ sql: String) -> StatementVerdict {
        if let verdict = known.withLock({ $0[sql] }) { return verdict }
        let verdict = StatementVerdict(sql)
        known.withLock { known in
            if known.count >= capacity { known.removeAll() }
            known[sql] = verdict
        }
        return verdict
    }

    /// Notes that a statement writes, whatever its text looks like.
    static func writes(_ sql: String) {
        var verdict = on(sql)
        verdict.isHarmless = false
        known.withLock { $0[sql] = verdict }
    }

    init(_ sql: String) {
        keyword = PostgresQuery(unsafeSQL: sql).leadingKeyword
        isSessionOnly = StatementRules.sessionOnly.contains(keyword)
        let tokens = SQLToken.all(in: sql)
        let words = tokens.compactMap { token -> String? in
            if case .word(let word) = token { return word }
            return nil
        }
        guard let first = words.first else { return }
        let next = Array(words.dropFirst().prefix(4))
        timeout = ServerTimeout(changedBy: sql)
        isHarmless = HarmlessReads.prove(tokens, first)
        mayTouchSession = first == "do" || first == "call"
        touchesSession =
            switch first {
            case "set": !["local", "transaction", "constraints"].contains(next.first)
            case "reset", "listen", "unlisten", "prepare", "deallocate", "declare", "load", "discard": true
            case "create": next.contains("temp") || next.contains("temporary")
            default: Self.makesTemporary(words)
            }
        touchesSession = touchesSession || words.contains("pg_temp") || Self.callsForSession(tokens)
    }

    private static func makesTemporary(_ words: [String]) -> Bool {
        guard let into = words.firstIndex(of: "into"), into + 1 < words.count else { return false }
        return ["temp", "temporary"].contains(words[into + 1])
    }

    private static let sessionFunctions: Set<String> = [
        "pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock", "pg_try_advisory_lock_shared",
    ]

    private static func callsForSession(_ tokens: [SQLToken]) -> Bool {
        for (index, token) in tokens.enumerated() {
            guard case .word(let word) = token, index + 1 < tokens.count, tokens[index + 1] == .mark(UInt8(ascii: "("))
            else { continue }
            if sessionFunctions.contains(word) { return true }
            if word == "set_config", !endsWithTrue(tokens[(index + 2)...]) { return true }
        }
        return false
    }

    /// Whether the last argument of a call is `true`: a setting for the transaction only.
    private static func endsWithTrue(_ arguments: ArraySlice<SQLToken>) -> Bool {
        var depth = 0
        for (index, token) in zip(arguments.indices, arguments) {
            if token == .mark(UInt8(ascii: "(")) { depth += 1 }
            guard token == .mark(UInt8(ascii: ")")) else { continue }
            if depth == 0 { return index > arguments.startIndex && arguments[index - 1] == .word("true") }
            depth -= 1
        }
        return false
    }
}
