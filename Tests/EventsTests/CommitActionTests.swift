import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Events

/// The line between what stops with its caller and what does not is the COMMIT.
@Suite struct CommitActionTests {
    @Test func whoIsGoneBeforeTheCommitCommitsNothing() async throws {
        try await MessagingScene.open { (scene) async throws in
            let transactor = Transactor(database: scene.database, outboxWake: Wake())
            let (reached, reach) = AsyncStream<Void>.makeStream()
            let (released, release) = AsyncStream<Void>.makeStream()
            let working = Task {
                try await transactor.run { work in
                    work.send(try OutboxMessage(type: "test.happened", body: ["n": 1]))
                    reach.finish()
                    for await _ in released {}
                }
            }
            for await _ in reached {}
            working.cancel()
            release.finish()
            await #expect(throws: (any Error).self) { try await working.value }
            #expect(try await scene.database.query("SELECT FROM outbox").count == 0)
        }
    }

    @Test func whatFollowsTheCommitIsDoneThoughTheCallerGoes() async throws {
        try await MessagingScene.open { (scene) async throws in
            let transactor = Transactor(database: scene.database, outboxWake: Wake())
            let (reached, reach) = AsyncStream<Void>.makeStream()
            let (released, release) = AsyncStream<Void>.makeStream()
            let isCancelled = Mutex<Bool?>(nil)
            let working = Task {
                try await transactor.run { work in
                    work.send(try OutboxMessage(type: "test.happened", body: ["n": 1]))
                    work.afterCommit {
                        reach.finish()
                        // Ends at once in a task that is cancelled.
                        for await _ in released {}
                        isCancelled.withLock { $0 = Task.isCancelled }
                    }
                }
            }
            for await _ in reached {}
            working.cancel()
            release.finish()
            try await working.value
            #expect(isCancelled.withLock { $0 } == false)
            #expect(try await scene.database.query("SELECT FROM outbox").count == 1)
        }
    }
}
