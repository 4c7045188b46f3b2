/// The rules, for one statement.
struct StatementLint {
    struct Complaint {
        let rule: LintRule
        let message: String
        let fix: String
    }

    let statement: SQLStatement
    let scope: LintScope
    /// The types that columns have until this statement.
    let types: ColumnTypes
    /// Whether the script has begun a transaction.
    let isInTransaction: Bool

    var complaints: [Complaint] {
        if isInTransaction, ConcurrentIndexStatement(statement) != nil {
            return [
                Complaint(
                    rule: .indexNotConcurrent, message: "it works concurrently, which fails within a transaction",
                    fix: "a file of its own, without BEGIN and COMMIT")
            ]
        }
        var reader = StatementReader(statement.tokens)
        if reader.take("CREATE") { return index(&reader) }
        if reader.take("DROP") { return drop(&reader) }
        if reader.take("ALTER") { return alter(&reader) }
        if reader.take("TRUNCATE") { return truncate(&reader) }
        if reader.take("LOCK") { return lock(&reader) }
        if reader.take("REFRESH") { return refresh(&reader) }
        if reader.take("REINDEX") || reader.take("CLUSTER") || reader.take("VACUUM") { return maintenance(reader) }
        return []
    }

    private func index(_ reader: inout StatementReader) -> [Complaint] {
        _ = reader.take("UNIQUE")
        guard reader.take("INDEX"), !reader.take("CONCURRENTLY") else { return [] }
        while let next = reader.rest.first, !(next.kind == .word && next.text == "ON") {
            _ = reader.name() ?? skip(&reader)
        }
        _ = reader.take("ON")
        _ = reader.take("ONLY")
        guard let table = reader.name(), !scope.has(table) else { return [] }
        return [
            Complaint(
                rule: .indexNotConcurrent, message: "writers of \(table) wait while the index is built",
                fix: "CREATE INDEX CONCURRENTLY, in a file of its own")
        ]
    }

    /// Passes over a token that is no name.
    private func skip(_ reader: inout StatementReader) -> String? {
        reader = StatementReader(reader.rest.dropFirst())
        return nil
    }

    private func drop(_ reader: inout StatementReader) -> [Complaint] {
        _ = reader.take("MATERIALIZED")
        if reader.take("INDEX") {
            guard !reader.take("CONCURRENTLY") else { return [] }
            return named(&reader).map { name in
                Complaint(
                    rule: .indexNotConcurrent, message: "everybody at the table of \(name) waits until it is dropped",
                    fix: "DROP INDEX CONCURRENTLY, in a file of its own")
            }
        }
        let kinds = ["TABLE", "VIEW", "TYPE", "SCHEMA", "SEQUENCE", "DOMAIN", "FUNCTION", "PROCEDURE"]
        for kind in kinds where reader.take(kind) {
            return named(&reader).map { name in
                Complaint(
                    rule: .dropInUse,
                    message: "\(kind.lowercased()) \(name) is gone while the version before still runs",
                    fix: "stop using it in one release, drop it in the next")
            }
        }
        return []
    }

    /// The names in a list that are not the script's own.
    private func named(_ reader: inout StatementReader) -> [String] {
        _ = reader.take("IF") && reader.take("EXISTS")
        return reader.parts.compactMap { part in
            var reader = StatementReader(part)
            return reader.name()
        }.filter { !scope.has($0) }
    }

    private func truncate(_ reader: inout StatementReader) -> [Complaint] {
        _ = reader.take("TABLE")
        _ = reader.take("ONLY")
        return named(&reader).map { name in
            Complaint(
                rule: .dropInUse, message: "the rows of \(name) are gone, and everybody waits meanwhile",
                fix: "delete rows in batches, outside of migrations")
        }
    }

    /// The modes of a lock that keep no writer waiting.
    private static let lightModes: Set<[String]> = [
        ["ACCESS", "SHARE"], ["ROW", "SHARE"], ["ROW", "EXCLUSIVE"], ["SHARE", "UPDATE", "EXCLUSIVE"],
    ]

    private func lock(_ reader: inout StatementReader) -> [Complaint] {
        _ = reader.take("TABLE")
        _ = reader.take("ONLY")
        let mode = reader.words.drop { $0 != "IN" }.dropFirst().prefix { $0 != "MODE" }
        guard !Self.lightModes.contains(Array(mode)) else { return [] }
        return named(&reader).map { name in
            Complaint(
                rule: .lock, message: "everybody at \(name) waits until the migration has ended",
                fix: "take no lock by hand: write in batches, outside of migrations")
        }
    }

    private func refresh(_ reader: inout StatementReader) -> [Complaint] {
        guard reader.take("MATERIALIZED"), reader.take("VIEW"), !reader.take("CONCURRENTLY") else { return [] }
        guard let name = reader.name(), !scope.has(name) else { return [] }
        return [
            Complaint(
                rule: .lock, message: "readers of \(name) wait while it is filled",
                fix: "REFRESH MATERIALIZED VIEW CONCURRENTLY, which wants a unique index of it")
        ]
    }

    private func maintenance(_ reader: StatementReader) -> [Complaint] {
        let isVacuum = statement.leading.first == "VACUUM"
        let words = reader.words
        if words.contains("CONCURRENTLY") || (isVacuum && !words.contains("FULL")) { return [] }
        let name = statement.leading.first ?? ""
        return [
            Complaint(
                rule: .rewrite, message: "everybody waits while \(name) writes anew",
                fix: name == "REINDEX"
                    ? "REINDEX ... CONCURRENTLY" : "do it in a maintenance window, not in a migration")
        ]
    }

    private func alter(_ reader: inout StatementReader) -> [Complaint] {
        for kind in ["VIEW", "TYPE", "SCHEMA", "SEQUENCE", "MATERIALIZED"] where reader.take(kind) {
            _ = reader.take("VIEW")
            guard let name = named(&reader).first else { return [] }
            return StatementReader(reader.rest).words.contains("RENAME") ? [renamed(name)] : []
        }
        guard reader.take("TABLE") else { return [] }
        _ = reader.take("IF") && reader.take("EXISTS")
        _ = reader.take("ONLY")
        guard let table = reader.name(), !scope.has(table) else { return [] }
        if reader.rest.first?.text == "*" { _ = skip(&reader) }
        return reader.parts.flatMap {
            TableActionLint(table: table, scope: scope, types: types).complaints($0)
        }
    }

    private func renamed(_ name: String) -> Complaint {
        Complaint(
            rule: .rename, message: "\(name) has another name while the version before still runs",
            fix: "add the new one beside it, move over in a release, drop the old one in the next")
    }
}

/// The rules, for one action of an `ALTER TABLE`.
struct TableActionLint {
    let table: String
    let scope: LintScope
    let types: ColumnTypes

    /// Whether the script has validated a constraint of the table before.
    private var isValidated: Bool { scope.validated.contains(table) }

    typealias Complaint = StatementLint.Complaint

    func complaints(_ tokens: [SQLToken]) -> [Complaint] {
        var reader = StatementReader(tokens)
        if reader.take("ADD") { return add(&reader) }
        if reader.take("ALTER") { return alter(&reader) }
        if reader.take("RENAME") {
            return reader.take("CONSTRAINT")
                ? []
                : [
                    Complaint(
                        rule: .rename,
                        message: "a name of \(table) changes while the version before still uses the old one",
                        fix: "add the new one beside it, move over in a release, drop the old one in the next")
                ]
        }
        if reader.take("DROP") {
            guard !reader.take("CONSTRAINT") else { return [] }
            _ = reader.take("COLUMN")
            _ = reader.take("IF") && reader.take("EXISTS")
            guard let column = reader.name() else { return [] }
            return [
                Complaint(
                    rule: .dropInUse, message: "\(table).\(column) is gone while the version before still runs",
                    fix: "stop using it in one release, drop it in the next")
            ]
        }
        if reader.take("ATTACH"), reader.take("PARTITION") {
            guard let part = reader.name(), !scope.has(part), !scope.validated.contains(part) else { return [] }
            return [
                Complaint(
                    rule: .constraintScan, message: "\(part) is read from end to end while everybody there waits",
                    fix: "add a CHECK of the partition's bounds to it NOT VALID and VALIDATE it first, in this file")
            ]
        }
        if reader.take("SET"), reader.takeAny("LOGGED", "UNLOGGED", "TABLESPACE", "ACCESS") {
            return [rewrite("its storage changes", fix: "do it in a maintenance window, not in a migration")]
        }
        return []
    }

    private func rewrite(_ why: String, fix: String) -> Complaint {
        Complaint(rule: .rewrite, message: "\(table) is written anew while everybody waits: \(why)", fix: fix)
    }

    private func scan(_ what: String, fix: String) -> Complaint {
        Complaint(
            rule: .constraintScan, message: "\(table) is read from end to end while everybody waits: \(what)", fix: fix)
    }

    private func add(_ reader: inout StatementReader) -> [Complaint] {
        let isConstraint = reader.take("CONSTRAINT")
        if isConstraint { _ = reader.name() }
        let words = reader.words
        func has(_ pair: String, _ next: String) -> Bool {
            zip(words, words.dropFirst()).contains { $0 == pair && $1 == next }
        }
        switch words.first {
        case "CHECK", "FOREIGN":
            return has("NOT", "VALID")
                ? []
                : [
                    scan(
                        "a \(words.first == "CHECK" ? "CHECK" : "FOREIGN KEY") is added",
                        fix: "add it NOT VALID, and VALIDATE CONSTRAINT in a migration of its own")
                ]
        case "UNIQUE", "PRIMARY":
            return has("USING", "INDEX")
                ? []
                : [
                    scan(
                        "an index is built for the constraint",
                        fix: "CREATE UNIQUE INDEX CONCURRENTLY first, then add the constraint USING INDEX")
                ]
        case "EXCLUDE" where reader.rest.first?.kind == .word:
            return [scan("an index is built for the constraint", fix: "do it in a maintenance window")]
        default: return isConstraint ? [] : column(&reader)
        }
    }

    private static let serials: Set<String> = ["SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL4", "SERIAL8", "SERIAL2"]
    private static let volatiles: Set<String> = [
        "GEN_RANDOM_UUID", "UUID_GENERATE_V4", "UUID_GENERATE_V1", "RANDOM", "CLOCK_TIMESTAMP", "NEXTVAL", "TIMEOFDAY",
        "GEN_RANDOM_BYTES",
    ]

    private func column(_ reader: inout StatementReader) -> [Complaint] {
        _ = reader.take("COLUMN")
        if reader.take("IF") { _ = reader.take("NOT") && reader.take("EXISTS") }
        guard let name = reader.name() else { return [] }
        let words = reader.outerWords
        func has(_ word: String, _ next: String) -> Bool {
            zip(words, words.dropFirst()).contains { $0 == word && $1 == next }
        }
        var found: [Complaint] = []
        let isSerial = words.first.map(Self.serials.contains) ?? false
        let isFilled = words.contains("GENERATED") || isSerial
        if isFilled {
            found.append(
                rewrite("\(name) is filled in every row", fix: "add it empty, fill it in batches, then add the default")
            )
        }
        // A function stands within the parentheses of others, maybe.
        if words.contains("DEFAULT"), let function = reader.words.first(where: Self.volatiles.contains) {
            found.append(
                rewrite(
                    "\(name) has the default \(function.lowercased())(), another value in every row",
                    fix: "add it without a default, set the default, fill it in batches"))
        }
        if has("NOT", "NULL"), !words.contains("DEFAULT"), !isFilled {
            found.append(
                Complaint(
                    rule: .notNull,
                    message: "\(table).\(name) is NOT NULL and has no default: rows that are there fail it",
                    fix: "give it a DEFAULT, or add it without NOT NULL"))
        }
        if words.contains("UNIQUE") || has("PRIMARY", "KEY") {
            found.append(
                scan(
                    "an index of \(name) is built",
                    fix: "CREATE UNIQUE INDEX CONCURRENTLY afterwards, then add the constraint USING INDEX"))
        }
        if words.contains("CHECK") || (words.contains("REFERENCES") && words.contains("DEFAULT")) {
            found.append(
                scan(
                    "\(name) is checked in every row",
                    fix: "add the constraint NOT VALID, and VALIDATE CONSTRAINT in a migration of its own"))
        }
        return found
    }

    private func alter(_ reader: inout StatementReader) -> [Complaint] {
        if reader.take("CONSTRAINT") { return [] }
        _ = reader.take("COLUMN")
        guard let name = reader.name() else { return [] }
        let words = reader.words
        if words.first == "TYPE" || words.starts(with: ["SET", "DATA", "TYPE"]) {
            let type = words.drop { $0 != "TYPE" }.dropFirst()
            // Nothing but the limit of its length goes.
            if ["TEXT"] == type || (["VARCHAR"] == type && reader.rest.last?.text != ")"), types.isVarchar(table, name)
            {
                return []
            }
            return [
                rewrite(
                    "\(name) gets another type",
                    fix: "add a column of the new type, fill it in batches, move over; or say why none is written")
            ]
        }
        if words.starts(with: ["SET", "NOT", "NULL"]), !isValidated {
            return [
                Complaint(
                    rule: .notNull,
                    message: "\(table) is read from end to end while everybody waits: \(name) SET NOT NULL",
                    fix:
                        "add CHECK (\(name) IS NOT NULL) NOT VALID and VALIDATE it first, then SET NOT NULL, then drop it"
                )
            ]
        }
        return []
    }
}
