import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import Postgres

/// A transaction's body runs on its connection's thread, and goes on when that has ended.
@Suite struct TransactionThreadTests {
    @Test func aBodyNeverSwitchesThreads() async throws {
        try await withScene { scene in
            let own = String("pg-\(scene.configuration.database)".prefix(15))
            let threads = try await scene.client.transaction { transaction in
                var threads = [Self.thread]
                for number in 0..<5 {
                    try await transaction.query("SELECT \(number)")
                    threads.append(Self.thread)
                }
                return threads
            }
            #expect(Set(threads.map(\.number)).count == 1)
            #expect(threads[0].name == own)
            #expect(Self.thread.name != own)
        }
    }

    /// Two bodies at once have a thread each, and what they wait for elsewhere does not move them.
    @Test func aBodyComesBackFromElsewhere() async throws {
        try await withScene { scene in
            let threads = try await scene.client.transaction { outer in
                try await outer.query("SELECT 1")
                let before = Self.thread
                let inner = try await scene.client.transaction { inner in
                    try await inner.query("SELECT 2")
                    return Self.thread
                }
                try await scene.client.query("SELECT 3")
                async let child = Self.threadOfChild()
                return [before, inner, Self.thread, await child]
            }
            #expect(threads[0].number != threads[1].number)
            #expect(threads[2].number == threads[0].number)
            #expect(threads[3].number == threads[0].number)
        }
    }

    @Test func aBodyGoesOnAfterItsConnectionIsLost() async throws {
        try await withScene { scene in
            let killer = scene.another()
            let failure = await postgresError {
                try await scene.client.transaction(.init(attempts: 1)) { transaction in
                    let rows = try await transaction.query("SELECT pg_backend_pid()")
                    let backend = try rows[0].decode(at: 0, as: Int32.self)
                    try await killer.query("SELECT pg_terminate_backend(\(backend), 60000)")
                    let lost = await postgresError { try await transaction.query("SELECT 1") }
                    #expect(lost?.kind == .connection)
                    // Its thread ends; what comes now runs elsewhere.
                    let again = await postgresError { try await transaction.query("SELECT 2") }
                    #expect(again != nil)
                    try await killer.query("SELECT 3")
                    throw PostgresError(.usage, "the body's own")
                }
            }
            #expect(failure?.message == "the body's own")
        }
    }

    private struct ThreadIdentity: Equatable {
        let number: pthread_t
        let name: String
    }

    private static func threadOfChild() async -> ThreadIdentity { thread }

    private static var thread: ThreadIdentity {
        let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        return ThreadIdentity(number: pthread_self(), name: String((name ?? "unknown").prefix { !$0.isNewline }))
    }
}
