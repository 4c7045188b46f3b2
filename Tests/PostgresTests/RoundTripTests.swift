import FoundationEssentials
import Testing

@testable import Postgres

/// Every type goes to the server and comes back, at its edges too.
@Suite struct RoundTripTests {
    /// Sends the values to a column of the type and reads them back from there.
    private func check<Value: PostgresEncodable & PostgresDecodable & Equatable>(
        _ type: String, _ values: [Value], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4, v \(unescaped: type))")
            try await scene.client.batch(
                values.enumerated().map { "INSERT INTO t VALUES (\($0.offset), \($0.element))" }
                    + ["INSERT INTO t VALUES (\(values.count), \(Value?.none))"])
            let rows = try await scene.client.query("SELECT v FROM t ORDER BY n")
            let read = try rows.decode(Value?.self)
            #expect(read == values + [nil], sourceLocation: sourceLocation)
        }
    }

    @Test func booleans() async throws { try await check("bool", [true, false]) }
    @Test func int16() async throws { try await check("int2", [Int16.min, -1, 0, 1, .max]) }
    @Test func int32() async throws { try await check("int4", [Int32.min, -1, 0, 1, .max]) }
    @Test func int64() async throws { try await check("int8", [Int64.min, -1, 0, 1, .max]) }
    @Test func int() async throws { try await check("int8", [Int.min, -1, 0, 1, .max]) }
    @Test func float() async throws {
        try await check("float4", [Float(0), -1.5, .greatestFiniteMagnitude, .infinity, .leastNonzeroMagnitude])
    }
    @Test func double() async throws {
        try await check("float8", [0, -1.5, 0.1, .greatestFiniteMagnitude, -.infinity, .leastNonzeroMagnitude])
    }
    @Test func text() async throws {
        try await check("text", ["", "plain", "Grüße, 世界 👩‍👩‍👧‍👦", "line\nbreak\ttab 'quote' \"double\" \\ $1"])
    }
    @Test func uuid() async throws {
        try await check("uuid", [UUID(), UUID(uuidString: "00000000-0000-0000-0000-000000000000") ?? UUID()])
    }
    @Test func bytes() async throws {
        try await check("bytea", [[UInt8](), [0], Array(0...255), Array(repeating: 7, count: 200_000)])
    }
    @Test func data() async throws { try await check("bytea", [Data(), Data([0, 255])]) }
    @Test func json() async throws {
        try await check("jsonb", [PostgresJSON("{}"), PostgresJSON("[1, null, \"ü\"]"), PostgresJSON("null")])
    }

    @Test func timestamps() async throws {
        let dates = [
            0, -1, 0.5, -978_307_200, 1_000_000_000.123456, -31_622_400.000001, -60_000_000_000.25, 200_000_000_000.5,
        ].map { Date(timeIntervalSinceReferenceDate: $0) }
        try await check("timestamptz", dates)
        try await check(
            "timestamptz",
            [Date(timeIntervalSinceReferenceDate: .infinity), Date(timeIntervalSinceReferenceDate: -.infinity)])
    }

    @Test func timestampsMeanWhatTheServerMeans() async throws {
        try await withScene { scene in
            let old = Date(timeIntervalSince1970: -1_000_000_000.5)
            let rows = try await scene.client.query(
                """
                SELECT '1999-12-31 23:59:59.999999+00'::timestamptz, extract(epoch FROM \(old))::float8, \
                '1970-01-01 00:00:00+00'::timestamptz
                """)
            let (justBefore, seconds, epoch) = try rows[0].decode((Date, Double, Date).self)
            #expect(abs(justBefore.timeIntervalSince1970 - 946_684_799.999999) < 0.000_001)
            #expect(seconds == -1_000_000_000.5)
            #expect(epoch.timeIntervalSince1970 == 0)
        }
    }

    @Test func arraysOfIntegers() async throws {
        try await check("int8[]", [[Int64](), [.min, 0, .max]])
        try await check("int4[]", [[Int32](), [.min, 0, .max]])
        try await check("int2[]", [[Int16](), [.min, 0, .max]])
        try await check("int8[]", [[Int64?](), [nil], [1, nil, 3], [nil, nil]])
    }
    @Test func arraysOfText() async throws {
        try await check("text[]", [[String](), [""], ["a", "", "ü,{}\"\\"]])
        try await check("text[]", [[String?](), ["NULL", nil, ""]])
        try await check("varchar[]", [["a", "b"]])
    }
    @Test func arraysOfOthers() async throws {
        try await check("uuid[]", [[UUID](), [UUID(), UUID()]])
        try await check("bool[]", [[Bool](), [true, false]])
        try await check("bool[]", [[Bool?](), [true, nil]])
        try await check("float8[]", [[Double](), [0.1, -.infinity]])
        try await check("float4[]", [[Float](), [0.5]])
        try await check("bytea[]", [[[UInt8]](), [[], [0, 1]]])
        try await check("bytea[]", [[Data](), [Data(), Data([9])]])
        try await check("bytea[]", [[[UInt8]?](), [[], nil]])
        try await check("timestamptz[]", [[Date](), [Date(timeIntervalSince1970: 0)]])
        try await check("timestamptz[]", [[Date?](), [nil, Date(timeIntervalSince1970: -1)]])
        try await check("jsonb[]", [[PostgresJSON](), [PostgresJSON("{\"a\": 1}")]])
    }

    @Test func parametersFitNarrowerAndForeignColumns() async throws {
        try await withScene { scene in
            try await scene.client.batch([
                "CREATE TYPE mood AS ENUM ('glad', 'sad')",
                "CREATE TABLE t (small int2, medium int4, mood mood, id uuid, json jsonb, at date)",
            ])
            let id = UUID()
            try await scene.client.query(
                """
                INSERT INTO t VALUES (\(Int64(7)), \(8), \("sad"), \(id.uuidString), \("{\"a\": 1}"), \("2024-02-29"))
                """)
            let rows = try await scene.client.query(
                """
                SELECT small, medium, mood, id, json FROM t WHERE medium = \(Int64(8)) AND mood = \("sad") \
                AND small = ANY(\([Int64(6), 7])) AND id = ANY(\([id.uuidString])::uuid[]) AND at = \("2024-02-29")
                """)
            let (small, medium, mood, readID, json) = try rows[0].decode(
                (Int64, Int, String, UUID, String).self)
            #expect((small, medium, mood, readID) == (7, 8, "sad", id))
            #expect(json == "{\"a\": 1}")
        }
    }

    @Test func jsonArraysGoAsTextAndAreCast() async throws {
        try await withScene { scene in
            let rows = try await scene.client.query("SELECT \(["{\"a\": 1}", "[]"])::jsonb[]")
            let documents = try rows[0].decode(at: 0, as: [PostgresJSON].self)
            #expect(documents.map(\.text) == ["{\"a\": 1}", "[]"])
        }
    }

    @Test func sumsAndAveragesAreReadWithoutACast() async throws {
        try await withScene { scene in
            let rows = try await scene.client.query(
                """
                SELECT sum(x), avg(x), sum(-x), 0::numeric, 120000000::numeric, -0.00125::numeric \
                FROM unnest(\([Int64(10_000_000_000), 5])) x
                """)
            let values = try rows[0].decode((Int64, Double, Int64, Int64, Int64, Double).self)
            #expect(values == (10_000_000_005, 5_000_000_002.5, -10_000_000_005, 0, 120_000_000, -0.00125))
            let error = await postgresError {
                try await scene.client.query("SELECT 1.5")[0].decode(at: 0, as: Int64.self)
            }
            #expect(error?.kind == .decoding)
        }
    }
}
