/// The transactions in which a migration's SQL is run.
enum MigrationMode: Equatable {
    /// One, together with the record of its version: there is never a half of it.
    case transaction
    /// None: each statement builds or drops an index concurrently, and is safe to be run again after a failure.
    case concurrent
    /// None, since the file says so: each statement is on its own.
    case unbound
    /// Those that the file begins and ends itself.
    case own

    /// The comment by which a file asks not to be run in a transaction.
    static let marker = "migrate:no-transaction"

    init(_ script: SQLScript) {
        let concurrent = script.statements.count { ConcurrentIndexStatement($0) != nil }
        if script.transactionControl != nil {
            self = .own
        } else if concurrent > 0, concurrent == script.statements.count {
            self = .concurrent
        } else if script.comments.contains(where: { $0.words.first.map(String.init) == Self.marker }) {
            self = .unbound
        } else {
            self = .transaction
        }
    }

    /// Whether a failure leaves something behind that nobody can take back by itself: golang-migrate's mark is set then.
    var leavesHalves: Bool { self == .unbound || self == .own }
}

/// A statement that builds or drops an index without keeping writers from its table. It runs in no transaction.
enum ConcurrentIndexStatement: Equatable {
    /// The name as it stands in the statement.
    case create(index: String?)
    case drop(index: String)
    case rebuild

    /// Nil for any other statement.
    init?(_ statement: SQLStatement) {
        var rest = statement.tokens[...]
        func take(_ words: String...) -> Bool {
            guard rest.count >= words.count, zip(rest, words).allSatisfy({ $0.kind == .word && $0.text == $1 }) else {
                return false
            }
            rest = rest.dropFirst(words.count)
            return true
        }
        /// A name, maybe with its schema.
        func name() -> String {
            var text = rest.popFirst()?.source ?? ""
            while rest.first?.text == ".", rest.count > 1 {
                text += "." + rest[rest.startIndex + 1].source
                rest = rest.dropFirst(2)
            }
            return text
        }
        if take("REINDEX") {
            guard rest.contains(where: { $0.kind == .word && $0.text == "CONCURRENTLY" }) else { return nil }
            self = .rebuild
        } else if take("DROP", "INDEX", "CONCURRENTLY") {
            _ = take("IF", "EXISTS")
            self = .drop(index: name())
        } else if take("CREATE", "INDEX", "CONCURRENTLY") || take("CREATE", "UNIQUE", "INDEX", "CONCURRENTLY") {
            _ = take("IF", "NOT", "EXISTS")
            self = .create(index: rest.first?.text == "ON" ? nil : name())
        } else {
            return nil
        }
    }
}
