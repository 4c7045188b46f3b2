/// The columns that migrations have made of a type that becomes `text` without being written anew.
struct ColumnTypes {
    private var varchars: Set<String> = []

    func isVarchar(_ table: String, _ column: String) -> Bool { varchars.contains("\(table).\(column)") }

    /// Takes the types from a statement that makes a table, or changes one.
    mutating func note(_ statement: SQLStatement) {
        var reader = StatementReader(statement.tokens)
        if reader.take("CREATE") {
            while reader.takeAny("TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL") {}
            guard reader.take("TABLE") else { return }
            if reader.take("IF") { _ = reader.take("NOT") && reader.take("EXISTS") }
            guard let table = reader.name(), reader.rest.first?.text == "(" else { return }
            for part in StatementReader(reader.rest.dropFirst()).parts { note(StatementReader(part), table) }
        } else if reader.take("ALTER"), reader.take("TABLE") {
            _ = reader.take("IF") && reader.take("EXISTS")
            _ = reader.take("ONLY")
            guard let table = reader.name() else { return }
            for part in reader.parts {
                var action = StatementReader(part)
                if action.take("ADD") {
                    _ = action.take("COLUMN")
                    if action.take("IF") { _ = action.take("NOT") && action.take("EXISTS") }
                    note(action, table)
                } else if action.take("ALTER") {
                    _ = action.take("COLUMN")
                    guard let type = action.newType() else { continue }
                    note(StatementReader(type.rest), table)
                }
            }
        }
    }

    /// Notes a column, which a reader stands before: its name and its type.
    private mutating func note(_ column: StatementReader, _ table: String) {
        var reader = column
        guard let name = reader.name() else { return }
        if reader.take("VARCHAR") || (reader.take("CHARACTER") && reader.take("VARYING")) {
            varchars.insert("\(table).\(name)")
        } else {
            varchars.remove("\(table).\(name)")
        }
    }
}

extension StatementReader {
    /// A reader of a column's name and its new type, from what stands behind `ALTER COLUMN`; nil for another change.
    fileprivate func newType() -> StatementReader? {
        var reader = self
        let before = reader.rest
        guard reader.name() != nil, let name = before.first else { return nil }
        if reader.take("SET") { _ = reader.take("DATA") }
        guard reader.take("TYPE") else { return nil }
        return StatementReader([name] + reader.rest)
    }
}
