import DevStack
import FoundationEssentials
import Postgres
import RabbitMQ
import Synchronization
import TestSupport
import Testing

@testable import Events

/// The answer to a COMMIT is lost: what is reported as done is done, once.
@Suite struct CommitMarkTests {
    /// PostgreSQL crashes before it has the COMMIT, and after the restart gives the transaction's number to strangers.
    @Test func aCommitLostInACrashIsNotTakenForAnothers() async throws {
        try await withCrash { crash in
            let runs = Atomic(0)
            crash.proxy.hold(at: "COMMIT", .beforeTheServerGetsIt)
            let working = Task {
                try await crash.transactor.run { work in
                    runs.add(1, ordering: .relaxed)
                    try await work.transaction.query("INSERT INTO work VALUES ('an order')")
                }
            }
            try await crash.strikeAtCommit()
            try await working.value
            #expect(try await crash.work() == ["an order"])
            #expect(runs.load(ordering: .relaxed) >= 2)
        }
    }

    /// The same under a consumer: an acknowledged message has left its work behind.
    @Test func aMessageIsNotAcknowledgedForWorkLostInACrash() async throws {
        try await withCrash([.postgres, .rabbitmq]) { crash in
            let service = ServiceTopology(service: "tests", bindings: ["test.first", "test.second"])
            let broker = try MessagingScene.broker(try await crash.fixture.vhost().url)
            let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
            // The retry queues too: on a busy machine a statement may pass its time.
            try await MessagingScene.declare(service, by: admin)
            let publisher = RabbitMQPublisher(configuration: broker, logger: testLogger)
            let consumer = BatchConsumer(
                topology: service,
                consumer: RabbitMQConsumer(configuration: broker, queue: service.inbox, logger: testLogger),
                publisher: publisher, transactor: crash.transactor, handlers: [Noting()], logger: testLogger)
            func publish(_ type: String) async throws {
                let envelope = Envelope(
                    messageID: UUID(), type: type, correlationID: nil, appID: "test", timestamp: Date(),
                    body: Array("{}".utf8))
                let message = WireFormat.message(envelope, exchange: "", routingKey: service.inbox)
                #expect(try await publisher.publish(message) == .confirmed)
            }
            crash.proxy.hold(at: "COMMIT", .beforeTheServerGetsIt)
            let consuming = Task { try await consumer.run() }
            try await publish("test.first")
            try await crash.strikeAtCommit()
            // Taken when the first has been acknowledged.
            try await publish("test.second")
            try await eventually("the second is done") { try await crash.work().contains("test.second") }
            #expect(try await crash.work() == ["test.first", "test.second"])
            consuming.cancel()
            _ = await consuming.result
            await publisher.close()
            await admin.close()
        }
    }

    private struct Noting: MessageHandler {
        let types: Set<String> = ["test.first", "test.second"]

        func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
            for message in messages {
                try await work.transaction.query("INSERT INTO work VALUES (\(message.type))")
            }
        }
    }

    @Test func aCommitWhoseAnswerIsLostIsDoneOnce() async throws {
        try await withMarks { scene in
            let runs = Atomic(0)
            let actions = Atomic(0)
            scene.proxy.cut(at: "COMMIT", .afterTheServerAnswered)
            try await scene.transactor.run { work in
                runs.add(1, ordering: .relaxed)
                try await work.transaction.query("INSERT INTO work VALUES ('an order')")
                work.afterCommit { actions.add(1, ordering: .relaxed) }
            }
            #expect(scene.proxy.cuts == 1)
            #expect(try await scene.work() == ["an order"])
            #expect(runs.load(ordering: .relaxed) == 1)
            #expect(actions.load(ordering: .relaxed) == 1)
        }
    }

    /// The question itself loses its answer, and is put again: its own row is not the transaction's.
    @Test func aLostProbeIsRepeated() async throws {
        try await withMarks { scene in
            let runs = Atomic(0)
            scene.proxy.hold(at: "COMMIT", .beforeTheServerGetsIt)
            let working = Task {
                try await scene.transactor.run { work in
                    let run = runs.add(1, ordering: .relaxed).newValue
                    try await work.transaction.query("INSERT INTO work VALUES (\("run \(run)"))")
                }
            }
            try await eventually("the COMMIT is on its way") { scene.proxy.holds == 1 }
            scene.proxy.cut(at: "ON CONFLICT", .afterTheServerAnswered)
            scene.proxy.cut()
            try await working.value
            #expect(scene.proxy.cuts == 1)
            #expect(try await scene.work() == ["run 2"])
        }
    }

    /// A COMMIT still on its way when its connection is lost: the question waits for it and is told what came of it.
    @Test func aCommitUnderWayIsWaitedFor() async throws {
        try await withMarks { scene in
            try await scene.direct.batch([
                """
                CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$
                """,
                """
                CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON work DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION linger()
                """,
            ])
            let runs = Atomic(0)
            let (locked, isLocked) = AsyncStream.makeStream(of: Void.self)
            let (released, release) = AsyncStream.makeStream(of: Void.self)
            defer { release.finish() }
            let blocking = Task {
                try await scene.direct.transaction { transaction in
                    try await transaction.query("SELECT pg_advisory_xact_lock(4711)")
                    isLocked.yield()
                    for await _ in released { break }
                }
            }
            for await _ in locked { break }
            let working = Task {
                try await scene.transactor.run { work in
                    runs.add(1, ordering: .relaxed)
                    try await work.transaction.query("INSERT INTO work VALUES ('an order')")
                }
            }
            try await scene.eventuallyWaiting(on: "COMMIT")
            scene.proxy.cut()
            try await scene.eventuallyWaiting(on: "INSERT INTO commit_marks")
            release.yield()
            try await blocking.value
            try await working.value
            #expect(try await scene.work() == ["an order"])
            #expect(runs.load(ordering: .relaxed) == 1)
        }
    }

    @Test func readingLeavesNoMark() async throws {
        try await withMarks { scene in
            scene.proxy.cut(at: "COMMIT", .afterTheServerAnswered)
            let count = try await scene.transactor.run { try await $0.transaction.query("SELECT FROM work").count }
            #expect(count == 0)
            #expect(try await scene.marks() == 0)
            try await scene.transactor.run { _ = try await $0.transaction.query("INSERT INTO work VALUES ('x')") }
            #expect(try await scene.marks() == 1)
        }
    }

    /// The mark is sent with the COMMIT: nothing of it is on the server before.
    @Test func theMarkCostsNoRoundTrip() async throws {
        try await withMarks { scene in
            scene.proxy.hold(at: "COMMIT", .beforeTheServerGetsIt)
            let working = Task {
                try await scene.transactor.run { work in
                    _ = try await work.transaction.query("INSERT INTO work VALUES ('an order')")
                }
            }
            try await eventually("the COMMIT is on its way") { scene.proxy.holds == 1 }
            let last = try await scene.direct.query(
                """
                SELECT query FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'idle in transaction'
                """)
            #expect(try last.decode(String.self) == ["INSERT INTO work VALUES ('an order')"])
            scene.proxy.release()
            try await working.value
            #expect(try await scene.marks() == 1)
        }
    }

    /// By its text it writes, and it has not: then nothing tells that it has committed, and it is run again.
    @Test func whatWritesNothingAfterAllRunsAgain() async throws {
        try await withMarks { scene in
            let runs = Atomic(0)
            scene.proxy.cut(at: "COMMIT", .afterTheServerAnswered)
            let count = try await scene.transactor.run { work in
                runs.add(1, ordering: .relaxed)
                return try await work.transaction.query("UPDATE work SET what = 'nothing'").affectedRows
            }
            #expect(count == 0)
            #expect(scene.proxy.cuts == 1)
            #expect(runs.load(ordering: .relaxed) == 2)
            try await scene.transactor.run { _ = try await $0.transaction.query("UPDATE work SET what = 'nothing'") }
            // The fence of the first run.
            #expect(try await scene.marks() == 1)
        }
    }

    @Test func marksAreForgottenAfterAnHour() async throws {
        try await withMarks { scene in
            for age in ["59 minutes", "61 minutes"] {
                try await scene.direct.query(
                    """
                    INSERT INTO commit_marks (id, is_fence, created_at)
                    VALUES (gen_random_uuid(), false, now() - \(age)::interval)
                    """)
            }
            try await scene.direct.query(CommitMark.pruning)
            #expect(try await scene.marks() == 1)
        }
    }
}
