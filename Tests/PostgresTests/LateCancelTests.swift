import TestSupport
import Testing

@testable import Postgres

/// A request to cancel that arrives late stops nothing but what it was meant for.
@Suite struct LateCancelTests {
    /// The length and the code of a cancel request.
    private let request: [UInt8] = [0, 0, 0, 16, 4, 210, 22, 46]

    /// The statement ends by itself while the request is on its way; the next borrower of the connection is spared.
    @Test(.timeLimit(.minutes(60))) func theNextBorrowerIsSpared() async throws {
        try await withScene { scene in
            let (client, proxy) = try scene.throughProxy { $0.maximumConnections = 2 }
            proxy.hold(at: request, .beforeTheServerGetsIt)
            let (locked, isLocked) = AsyncStream.makeStream(of: Void.self)
            let (released, release) = AsyncStream.makeStream(of: Void.self)
            let blocking = Task {
                try await scene.client.transaction { transaction in
                    try await transaction.query("SELECT pg_advisory_xact_lock(7)")
                    isLocked.yield()
                    for await _ in released { break }
                }
            }
            for await _ in locked { break }
            let cancelled = Task {
                try await client.transaction { try await $0.query("SELECT pg_advisory_xact_lock(7) /* first */") }
            }
            try await eventuallyRunning(scene, "first")
            cancelled.cancel()
            try await eventually("the request is on its way") { proxy.holds == 1 }
            release.yield()
            try await blocking.value
            _ = await cancelled.result
            let borrower = try await scene.client.transaction { blocking in
                try await blocking.query("SELECT pg_advisory_xact_lock(8)")
                let borrower = Task {
                    try await client.transaction {
                        try await $0.query("SELECT pg_advisory_xact_lock(8) /* borrower */")
                    }
                }
                try await eventuallyRunning(scene, "borrower")
                let open = proxy.open
                proxy.release()
                try await eventually("the server has dealt with the request") { proxy.open < open }
                return borrower
            }
            _ = try await borrower.value
        }
    }

    /// A connection that was lost takes its requests with it: what stops on the new one has stopped by itself.
    @Test(.timeLimit(.minutes(60))) func aNewConnectionKnowsNothingOfTheOldOnesRequests() async throws {
        try await withScene { scene in
            let (client, proxy) = try scene.throughProxy {
                $0.sharedConnections = 1
                // The pool has none to lend to single statements.
                $0.maximumConnections = 2
            }
            proxy.hold(at: request, .beforeTheServerGetsIt)
            let cancelled = Task { try await client.query("SELECT pg_sleep(600) /* doomed */") }
            try await eventuallyRunning(scene, "doomed")
            cancelled.cancel()
            try await eventually("the request is on its way") { proxy.holds == 1 }
            try await scene.client.query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE '%doomed%' AND pid <> pg_backend_pid()
                """)
            #expect(await postgresError { try await cancelled.value }?.kind == .cancelled)
            let error = await postgresError {
                try await client.batch([
                    "SELECT set_config('statement_timeout', '100', true)", "SELECT pg_sleep(600)",
                ])
            }
            #expect(error?.kind == .timeout)
            #expect(error?.sqlState == .queryCanceled)
            proxy.release()
        }
    }

    /// Nothing was sent, so there is nothing to roll back.
    @Test(.timeLimit(.minutes(60))) func aTransactionCancelledWhileConnectingDoesNotConnectAgain() async throws {
        try await withScene { scene in
            let (client, proxy) = try scene.throughProxy()
            proxy.pause()
            let transaction = Task { try await client.transaction { try await $0.query("SELECT 1") } }
            try await eventually("it is connecting") { proxy.accepted == 1 }
            transaction.cancel()
            #expect(await postgresError { try await transaction.value }?.kind == .cancelled)
            #expect(proxy.accepted == 1)
            let session = Task { try await client.withConnection { _ = try? await $0.query("SELECT 1") } }
            try await eventually("it is connecting") { proxy.accepted == 2 }
            session.cancel()
            try await session.value
            #expect(proxy.accepted == 2)
        }
    }
}
