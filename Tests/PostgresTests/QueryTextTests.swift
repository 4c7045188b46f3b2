import Testing

@testable import Postgres

@Suite struct QueryTextTests {
    @Test func interpolatedValuesBecomeParameters() {
        let query: PostgresQuery =
            "SELECT \(1), \("x'; DROP TABLE t; --") FROM \(unescaped: "t") WHERE a = ANY(\([Int64]()))"
        #expect(query.sql == "SELECT $1, $2 FROM t WHERE a = ANY($3)")
        #expect(query.parameters.types == [.int8, .inferred, .int8Array])
        #expect("\(query)" == query.sql)
        #expect(!String(reflecting: query.description).contains("DROP"))
    }

    @Test func nullsKeepTheirType() {
        let query: PostgresQuery = "SELECT \(Int32?.none), \([UInt8]()), \(String?.none)"
        #expect(query.parameters.types == [.int4, .bytea, .inferred])
        #expect(query.parameters.parameters.map(\.length) == [nil, 0, nil])
    }

    @Test(arguments: [
        ("select 1", "SELECT"), ("  \n\tInsert into t", "INSERT"), ("-- why\nBEGIN", "BEGIN"),
        ("/* a */ /* b */commit;", "COMMIT"), ("(SELECT 1)", "SELECT"), ("", ""), ("/* open", ""), ("--", ""),
    ]) func leadingKeyword(sql: String, keyword: String) {
        #expect(PostgresQuery(unsafeSQL: sql).leadingKeyword == keyword)
    }
}
