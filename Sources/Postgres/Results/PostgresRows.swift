/// A statement's rows, and how many it touched. Shares the result's memory; cheap to copy.
public struct PostgresRows: Sendable {
    let result: QueryResult
    let query: String
    let site: CallSite

    /// The rows that were inserted, updated, deleted or selected; 0 for a command that does not count.
    public var affectedRows: Int { result.affectedRows }

    /// The columns' names and types, in order.
    public var columns: [PostgresColumn] {
        (0..<result.columnCount).map {
            PostgresColumn(name: result.columnName($0), type: result.columnType($0))
        }
    }

    /// Decodes the first column of every row.
    ///
    /// - Throws: `PostgresError` of kind `.decoding`, naming the column.
    public func decode<Value: PostgresDecodable>(_ type: Value.Type) throws -> [Value] {
        try map { try $0.decode(at: 0, as: type) }
    }

    /// Decodes every row from its first columns, in order.
    ///
    /// ```swift
    /// for (id, name) in try rows.decode((Int64, String?).self) { … }
    /// ```
    /// - Throws: `PostgresError` of kind `.decoding`, naming the column.
    public func decode<each Value: PostgresDecodable>(
        _ types: (repeat each Value).Type
    ) throws -> [(repeat each Value)] {
        var decoded: [(repeat each Value)] = []
        decoded.reserveCapacity(count)
        for row in self { decoded.append(try row.decode(types)) }
        return decoded
    }
}

/// A result's column.
public struct PostgresColumn: Sendable, Hashable {
    public let name: String
    public let type: PostgresType
}

extension PostgresRows: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { result.rowCount }

    public subscript(position: Int) -> PostgresRow {
        precondition(position >= 0 && position < result.rowCount, "row index out of range")
        return PostgresRow(rows: self, index: position)
    }
}
