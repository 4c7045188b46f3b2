import FoundationEssentials
import Testing

@testable import Postgres

/// What does not fit is refused, with the column's name and without the value.
@Suite struct DecodingTests {
    @Test func errorsNameTheColumn() async throws {
        try await withScene { scene in
            let row = try await scene.client.query(
                "SELECT 70000 AS wide, NULL::int8 AS absent, 'secret' AS word, '{}'::int4[] AS list")[0]
            func message<Value: PostgresDecodable>(_ column: String, _ type: Value.Type) async -> String {
                let error = await postgresError { try row.decode(column, as: type) }
                #expect(error?.kind == .decoding)
                #expect(error?.file?.hasSuffix("DecodingTests.swift") == true)
                return error?.message ?? ""
            }
            #expect(await message("wide", Int16.self) == "column \"wide\" does not fit in Int16")
            #expect(await message("absent", Int64.self) == "column \"absent\" is null")
            #expect(await message("word", Int64.self).contains("is of type text, which cannot be read as an integer"))
            #expect(await message("word", UUID.self).contains("cannot be read as UUID"))
            #expect(await message("word", [String].self).contains("cannot be read as an array"))
            #expect(await message("nothing", Int64.self).contains("no column \"nothing\""))
            #expect(await message("list", String.self).contains("cannot be read as String"))
            let position = await postgresError { try row.decode(at: 9, as: Int64.self) }
            #expect(position?.message == "there is no column at 9: the result has 4")
            #expect(try row.decode("absent", as: Int64?.self) == nil)
        }
    }

    @Test func rowsAreACollection() async throws {
        try await withScene { scene in
            let rows = try await scene.client.query("SELECT i AS number, i::text AS name FROM generate_series(1, 3) i")
            #expect(rows.count == 3)
            #expect(rows.affectedRows == 3)
            #expect(
                rows.columns == [
                    PostgresColumn(name: "number", type: .int4), PostgresColumn(name: "name", type: .text),
                ])
            #expect(try rows.map { try $0.decode("name", as: String.self) } == ["1", "2", "3"])
            #expect(try rows.decode((Int, String).self).map(\.0) == [1, 2, 3])
            #expect(try rows.last?.decode(Int.self) == 3)
            #expect(try await scene.client.query("SELECT 1 WHERE false").isEmpty)
        }
    }

    @Test func whatCannotBeSentIsRefusedBeforeItIs() async throws {
        try await withScene { scene in
            let nul = await postgresError { try await scene.client.query("SELECT \(1), \("a\0b")") }
            #expect(nul?.kind == .encoding)
            #expect(nul?.message == "parameter $2: a text value must not contain a NUL character")
            let date = await postgresError {
                try await scene.client.query("SELECT \(Date(timeIntervalSince1970: 1e15))")
            }
            #expect(date?.kind == .encoding)
            var many = PostgresQuery(unsafeSQL: "SELECT 1")
            for _ in 0..<65536 { many.bind(true) }
            #expect(await postgresError { try await scene.client.query(many) }?.kind == .encoding)
            #expect(await postgresError { try await scene.client.query("SELECT 1\0") }?.kind == .encoding)
        }
    }
}
