/// Looks for what would keep a running shop waiting, or break the version before, in ways up.
///
/// What a file itself has created may be changed freely in it: nobody uses it yet. Ways down are not looked at: they take
/// away by their nature.
public enum MigrationLint {
    /// The word that begins an ignore comment: `-- lint:ignore RULE reason`, above a statement or inside it.
    static let mark = "lint:ignore"

    /// Findings in a role's own migrations, and the number of files looked at.
    ///
    /// - Throws: `MigrationError.unknownRole` if there are none.
    public static func findings(role: String) throws(MigrationError) -> (files: Int, findings: [LintFinding]) {
        _ = try MigrationSet.for(role)
        let files = EmbeddedMigrations.files.filter { $0.role == role }
        return look(at: files.map { ("migrations/\($0.path)", $0) })
    }

    /// Findings in a folder's migrations, and the number of files looked at.
    ///
    /// - Throws: `MigrationError` for a folder that cannot be read, or whose files are no migrations.
    public static func findings(in folder: MigrationFolder) throws(MigrationError) -> (
        files: Int, findings: [LintFinding]
    ) {
        _ = try folder.set(role: "")
        return look(at: try folder.files(role: "").map { ($0.path, $0) })
    }

    private static func look(at files: [(path: String, file: MigrationFile)]) -> (files: Int, findings: [LintFinding]) {
        let ups = files.filter { $0.file.name.hasSuffix(".up.sql") }
        var types = ColumnTypes()
        return (ups.count, ups.flatMap { findings(in: $0.file.text, named: $0.path, &types) })
    }

    /// The findings in one script, before which there was none.
    static func findings(in text: String, named path: String) -> [LintFinding] {
        var types = ColumnTypes()
        return findings(in: text, named: path, &types)
    }

    /// The findings in one script.
    ///
    /// - Parameter types: The types from the scripts before it; takes those of this one.
    private static func findings(in text: String, named path: String, _ types: inout ColumnTypes) -> [LintFinding] {
        let script = SQLScript(text)
        var created = LintScope()
        var all: [LintFinding] = []
        var start = 0
        var isInTransaction = false
        for statement in script.statements {
            switch statement.leading.first {
            case "BEGIN", "START": isInTransaction = true
            case "COMMIT", "END", "ROLLBACK", "ABORT": isInTransaction = false
            default: break
            }
            let lint = StatementLint(
                statement: statement, scope: created, types: types, isInTransaction: isInTransaction)
            var found = lint.complaints.map { complaint in
                LintFinding(
                    file: path, line: statement.line, rule: complaint.rule, message: complaint.message,
                    fix: complaint.fix)
            }
            let comments = script.comments.filter { $0.position >= start && $0.position < statement.range.upperBound }
            all += excused(&found, by: comments, path) + found
            created.note(statement)
            types.note(statement)
            start = statement.range.upperBound
        }
        var none: [LintFinding] = []
        all += excused(&none, by: script.comments.filter { $0.position >= start }, path)
        return all
    }

    /// Applies the ignore comments of a statement to what was found in it.
    ///
    /// - Returns: What is wrong with the comments themselves.
    private static func excused(
        _ found: inout [LintFinding], by comments: [SQLComment], _ path: String
    ) -> [LintFinding] {
        var wrong: [LintFinding] = []
        for comment in comments where comment.words.first.map(String.init) == mark {
            let words = comment.words.dropFirst().map(String.init)
            func complain(_ message: String) {
                wrong.append(
                    LintFinding(
                        file: path, line: comment.line, rule: .badIgnore, message: message,
                        fix: "write -- \(mark) RULE reason above the statement, or take the comment away"))
            }
            guard let rule = words.first.flatMap(LintRule.init(rawValue:)), rule != .badIgnore else {
                let known = LintRule.allCases.filter { $0 != .badIgnore }.map(\.rawValue).joined(separator: ", ")
                complain("'\(words.first ?? "")' is no rule; there are \(known)")
                continue
            }
            guard words.count > 1 else {
                complain("no reason is given for ignoring \(rule.rawValue)")
                continue
            }
            let places = found.indices.filter { found[$0].rule == rule }
            if places.isEmpty { complain("the statement has nothing of \(rule.rawValue) to ignore") }
            for place in places { found[place].excuse = words.dropFirst().joined(separator: " ") }
        }
        return wrong
    }
}

/// The things that a script has made until a statement: nobody uses it yet.
struct LintScope {
    private(set) var relations: Set<String> = []
    /// Tables of which a constraint was validated.
    private(set) var validated: Set<String> = []

    func has(_ name: String) -> Bool { relations.contains(name) }

    mutating func note(_ statement: SQLStatement) {
        var reader = StatementReader(statement.tokens)
        if reader.take("CREATE") {
            if reader.take("OR") { _ = reader.take("REPLACE") }
            while reader.takeAny("TEMP", "TEMPORARY", "UNLOGGED", "UNIQUE", "MATERIALIZED", "GLOBAL", "LOCAL") {}
            let kinds = ["TABLE", "INDEX", "VIEW", "TYPE", "SCHEMA", "SEQUENCE", "DOMAIN", "FUNCTION", "PROCEDURE"]
            guard kinds.contains(where: { reader.take($0) }) else { return }
            _ = reader.take("CONCURRENTLY")
            if reader.take("IF") { _ = reader.take("NOT") && reader.take("EXISTS") }
            if let name = reader.name() { relations.insert(name) }
        } else if reader.take("ALTER"), reader.take("TABLE") {
            _ = reader.take("IF") && reader.take("EXISTS")
            _ = reader.take("ONLY")
            guard let table = reader.name() else { return }
            let words = reader.words
            if zip(words, words.dropFirst()).contains(where: { $0 == "VALIDATE" && $1 == "CONSTRAINT" }) {
                validated.insert(table)
            }
        }
    }
}

/// Reads the tokens of a statement from its beginning.
struct StatementReader {
    private(set) var rest: ArraySlice<SQLToken>

    init(_ tokens: some Collection<SQLToken>) { rest = Array(tokens)[...] }

    /// The words that are left.
    var words: [String] { rest.lazy.filter { $0.kind == .word }.map(\.text) }

    /// Those outside of parentheses.
    var outerWords: [String] {
        var depth = 0
        return rest.compactMap { token in
            if token.text == "(" { depth += 1 }
            if token.text == ")" { depth -= 1 }
            return depth == 0 && token.kind == .word ? token.text : nil
        }
    }

    mutating func take(_ word: String) -> Bool {
        guard let first = rest.first, first.kind == .word, first.text == word else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func takeAny(_ words: String...) -> Bool {
        for word in words where take(word) { return true }
        return false
    }

    /// Takes a name, and leaves the schema out of it.
    mutating func name() -> String? {
        guard var name = rest.first?.identifier else { return nil }
        rest = rest.dropFirst()
        while rest.first?.text == ".", let next = rest.dropFirst().first?.identifier {
            name = next
            rest = rest.dropFirst(2)
        }
        return name
    }

    /// The parts between commas outside of parentheses.
    var parts: [[SQLToken]] {
        var parts: [[SQLToken]] = [[]]
        var depth = 0
        for token in rest {
            switch token.text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "," where depth == 0:
                parts.append([])
                continue
            default: break
            }
            parts[parts.count - 1].append(token)
        }
        return parts
    }
}
