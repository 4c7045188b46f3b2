/// One row of a result.
public struct PostgresRow: Sendable {
    let rows: PostgresRows
    let index: Int

    /// Decodes the column of this name (the first, where several have it).
    ///
    /// - Throws: `PostgresError` of kind `.decoding`, naming the column.
    public func decode<Value: PostgresDecodable>(
        _ column: String, as type: Value.Type = Value.self
    ) throws -> Value {
        guard let position = rows.result.columnIndex(column) else {
            throw error("there is no column \"\(column)\" in the result")
        }
        return try decode(at: position, as: type)
    }

    /// Decodes the column at this position, counted from 0.
    ///
    /// - Throws: `PostgresError` of kind `.decoding`, naming the column.
    public func decode<Value: PostgresDecodable>(
        at position: Int, as type: Value.Type = Value.self
    ) throws -> Value {
        guard position >= 0, position < rows.result.columnCount else {
            throw error("there is no column at \(position): the result has \(rows.result.columnCount)")
        }
        do {
            return try rows.result.withCell(row: index, column: position) { cell throws(PostgresDecodingFailure) in
                try Value.decode(cell)
            }
        } catch {
            throw self.error("column \"\(rows.result.columnName(position))\" \(error.reason)")
        }
    }

    /// Decodes the row's first column.
    ///
    /// - Throws: `PostgresError` of kind `.decoding`, naming the column.
    public func decode<Value: PostgresDecodable>(_ type: Value.Type) throws -> Value {
        try decode(at: 0, as: type)
    }

    /// Decodes the row's first columns, in order.
    ///
    /// - Throws: `PostgresError` of kind `.decoding`, naming the column.
    public func decode<each Value: PostgresDecodable>(
        _ types: (repeat each Value).Type
    ) throws -> (repeat each Value) {
        var position = -1
        func next<Next: PostgresDecodable>(_: Next.Type) throws -> Next {
            position += 1
            return try decode(at: position, as: Next.self)
        }
        return (repeat try next((each Value).self))
    }

    private func error(_ message: String) -> PostgresError {
        PostgresError(.decoding, message).at(rows.site, query: rows.query)
    }
}
