import Synchronization
import Testing

@testable import Postgres

/// Many callers share few connections, and do not get in each other's way.
@Suite struct PipeliningTests {
    @Test func manyTasksShareOneConnection() async throws {
        try await withScene({ $0.sharedConnections = 1 }) { scene in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        for number in 0..<50 {
                            let value = task * 1000 + number
                            let rows = try await scene.client.query("SELECT \(value)::int8, \(String(value))::text")
                            let (first, second) = try rows[0].decode((Int, String).self)
                            #expect(first == value && second == String(value))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(scene.client.shared.count == 1)
            #expect(scene.client.shared[0].statistics.connects.load(ordering: .relaxed) == 1)
        }
    }

    @Test func oneCallersErrorIsNobodyElses() async throws {
        try await withScene { scene in
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let error = await postgresError { try await scene.client.query("SELECT 1 / \(number % 2)") }
                        return (error?.sqlState?.rawValue == "22012") == (number % 2 == 0)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count == 200)
            #expect(outcomes.allSatisfy { $0 })
        }
    }

    @Test func aBatchIsOneTransactionAndOneFlush() async throws {
        try await withScene({ $0.sharedConnections = 1 }) { scene in
            let loop = scene.client.shared[0]
            try await scene.client.query("CREATE TABLE t (n int4 PRIMARY KEY)")
            let syncs = loop.statistics.syncs.load(ordering: .relaxed)
            let statements = loop.statistics.statements.load(ordering: .relaxed)
            let results = try await scene.client.batch((1...50).map { "INSERT INTO t VALUES (\($0))" })
            #expect(results.map(\.affectedRows) == Array(repeating: 1, count: 50))
            #expect(loop.statistics.syncs.load(ordering: .relaxed) - syncs == 1)
            #expect(loop.statistics.statements.load(ordering: .relaxed) - statements == 50)

            let error = await postgresError {
                try await scene.client.batch([
                    "INSERT INTO t VALUES (100)", "INSERT INTO t VALUES (7)", "INSERT INTO t VALUES (101)",
                ])
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(error?.query == "INSERT INTO t VALUES (7)")
            #expect(try await scene.client.query("SELECT FROM t").count == 50)
            #expect(try await scene.client.batch([]).isEmpty)
        }
    }

    @Test func resultsLargerThanAnyBufferArrive() async throws {
        try await withScene { scene in
            let big = String(repeating: "0123456789", count: 300_000)
            async let first = scene.client.query("SELECT \(big)::text")
            async let second = scene.client.query("SELECT repeat('x', 2000000) FROM generate_series(1, 5)")
            async let third = scene.client.query("SELECT 1")
            let (one, two, three) = try await (first, second, third)
            #expect(try one[0].decode(String.self) == big)
            #expect(try two.decode(String.self).allSatisfy { $0.utf8.count == 2_000_000 })
            #expect(try three[0].decode(Int.self) == 1)
        }
    }

    @Test func statementsThatNeedASessionAreRefused() async throws {
        try await withScene { scene in
            for sql in ["BEGIN", "/* x */ commit", "LISTEN a", "DISCARD ALL", "COPY t FROM STDIN"] {
                let error = await postgresError { try await scene.client.query(PostgresQuery(unsafeSQL: sql)) }
                #expect(error?.kind == .usage)
            }
        }
    }
}
