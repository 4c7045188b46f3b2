import CPostgres

/// One statement's result as libpq holds it; values are read from it in place.
///
/// A `PGresult` is never changed once libpq has handed it out, and libpq documents that it may then be read by
/// any thread; only the last owner clears it.
final class QueryResult: @unchecked Sendable {  // an immutable PGresult: see above
    private let result: OpaquePointer
    let rowCount: Int
    let columnCount: Int

    /// Takes ownership of the result.
    init(_ result: OpaquePointer) {
        self.result = result
        rowCount = Int(PQntuples(result))
        columnCount = Int(PQnfields(result))
    }

    deinit {
        PQclear(result)
    }

    /// The rows the command touched or returned, 0 where the command does not tell.
    var affectedRows: Int {
        Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    /// The server's command tag: `INSERT 0 1`, `COMMIT`, `ROLLBACK`, …
    var commandTag: String {
        String(cString: PQcmdStatus(result))
    }

    func columnName(_ index: Int) -> String {
        String(cString: PQfname(result, Int32(index)))
    }

    func columnType(_ index: Int) -> PostgresType {
        PostgresType(rawValue: PQftype(result, Int32(index)))
    }

    /// The first column of exactly this name.
    func columnIndex(_ name: String) -> Int? {
        var name = name
        return name.withUTF8 { wanted in
            for index in 0..<columnCount {
                guard let candidate = PQfname(result, Int32(index)) else { continue }
                var position = 0
                while position < wanted.count, candidate[position] != 0,
                    UInt8(bitPattern: candidate[position]) == wanted[position]
                {
                    position += 1
                }
                if position == wanted.count, candidate[position] == 0 { return index }
            }
            return nil
        }
    }

    /// Lends one value to the closure.
    func withCell<R>(
        row: Int, column: Int, _ body: (PostgresCell) throws(PostgresDecodingFailure) -> R
    ) throws(PostgresDecodingFailure) -> R {
        let (row, column) = (Int32(row), Int32(column))
        let type = PostgresType(rawValue: PQftype(result, column))
        if PQgetisnull(result, row, column) == 1 {
            return try body(PostgresCell(type: type, bytes: nil))
        }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
        return try body(PostgresCell(type: type, bytes: bytes))
    }
}
