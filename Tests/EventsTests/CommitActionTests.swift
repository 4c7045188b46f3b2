import DevStack
import FoundationEssentials
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

    /// What is written with the COMMIT fails: the transaction has that error, and nothing of it is done.
    @Test func anOutboxThatTakesNothingUndoesTheWork() async throws {
        try await MessagingScene.open { (scene) async throws in
            let transactor = Transactor(database: scene.database, outboxWake: Wake())
            try await scene.database.query("ALTER TABLE outbox ADD CHECK (type <> 'test.refused')")
            let actions = Atomic(0)
            let error = await #expect(throws: PostgresError.self) {
                try await transactor.run { work in
                    let id = UUID()
                    try await work.transaction.query("INSERT INTO handled VALUES (\(id), 1)")
                    work.send(try OutboxMessage(type: "test.refused", body: ["n": 1]))
                    work.afterCommit { actions.add(1, ordering: .relaxed) }
                }
            }
            #expect(error?.sqlState == .checkViolation)
            #expect(try await scene.database.query("SELECT FROM handled").count == 0)
            #expect(try await scene.database.query("SELECT FROM commit_marks").count == 0)
            #expect(actions.load(ordering: .relaxed) == 0)
            try await transactor.run { work in
                work.send(try OutboxMessage(type: "test.happened", body: ["n": 1]))
                work.afterCommit { actions.add(1, ordering: .relaxed) }
            }
            #expect(try await scene.database.query("SELECT FROM outbox").count == 1)
            #expect(actions.load(ordering: .relaxed) == 1)
        }
    }

    /// The answer to the COMMIT is lost, and with it the ids of the outbox's rows: the relay finds them.
    @Test func messagesAreSentThoughTheAnswerToTheCommitIsLost() async throws {
        try await MessagingScene.open { (scene) async throws in
            let proxy = TCPProxy(to: scene.fixture.stack.state.postgres.port)
            let database = try scene.client(through: proxy)
            scene.fixture.atEnd {
                proxy.close()
                await database.close()
            }
            let handover = OutboxHandover(claim: .seconds(1))
            let transactor = Transactor(database: database, outboxWake: Wake(), handover: handover)
            let runs = Atomic(0)
            proxy.cut(at: "COMMIT", .afterTheServerAnswered)
            try await transactor.run { work in
                runs.add(1, ordering: .relaxed)
                work.send(try OutboxMessage(type: "test.happened", body: ["n": 1]))
            }
            #expect(proxy.cuts == 1)
            #expect(runs.load(ordering: .relaxed) == 1)
            #expect(handover.isEmpty)
            let rows = try await eventuallyValue("the claim is over") {
                let rows = try await Outbox.claim(limit: 10, for: .seconds(1), in: scene.database)
                return rows.isEmpty ? nil : rows
            }
            #expect(rows.map(\.message.type) == ["test.happened"])
        }
    }
}
