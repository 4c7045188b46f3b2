import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// A cancelled task stops its own statement on the server, and nobody else's.
@Suite struct CancellationTests {
    @Test func aCancelledStatementStopsOnTheServer() async throws {
        try await withScene({
            $0.sharedConnections = 1
            // The pool has none to lend to single statements.
            $0.maximumConnections = 2
        }) { scene in
            let observer = Scene(
                client: scene.another(), configuration: scene.configuration, fixture: scene.fixture)
            let task = Task { try await scene.client.query("SELECT pg_sleep(600) /* to be cancelled */") }
            try await eventually { try await observer.running("to be cancelled") == 1 }
            task.cancel()
            let error = await postgresError { try await task.value }
            #expect(error?.kind == .cancelled)
            #expect(error?.isRetryable == false)
            try await eventually { try await observer.running("to be cancelled") == 0 }
            // The connection is still the same one.
            try await scene.client.query("SELECT 1")
            #expect(scene.client.shared[0].statistics.connects.load(ordering: .relaxed) == 1)
        }
    }

    @Test func neighboursOnTheSameConnectionAreUnharmed() async throws {
        try await withScene({
            $0.sharedConnections = 1
            // The pool has none to lend to single statements: all go to the one that is shared.
            $0.maximumConnections = 2
        }) { scene in
            let observer = Scene(
                client: scene.another(), configuration: scene.configuration, fixture: scene.fixture)
            try await scene.client.query("CREATE TABLE t (n int4)")
            for round in 0..<10 {
                let doomed = Task { try await scene.client.query("SELECT pg_sleep(600) /* doomed */") }
                try await eventually { try await observer.running("doomed") == 1 }
                let neighbours = (0..<20).map { number in
                    Task {
                        try await scene.client.batch([
                            "INSERT INTO t VALUES (\(round * 20 + number))", "SELECT pg_sleep(0.002)",
                        ])
                    }
                }
                // All of them wait behind it on the connection.
                try await eventually {
                    scene.client.shared[0].statistics.statements.load(ordering: .relaxed) >= 2 + round * 41 + 40
                }
                doomed.cancel()
                #expect(await postgresError { try await doomed.value }?.kind == .cancelled)
                for neighbour in neighbours { _ = try await neighbour.value }
            }
            let numbers = try await scene.client.query("SELECT n FROM t ORDER BY n").decode(Int.self)
            #expect(numbers == Array(0..<200))
        }
    }

    @Test func oneOfManyQueuedBehindAnotherIsCancelledInItsTurn() async throws {
        try await withScene({
            $0.sharedConnections = 1
            // The pool has none to lend to single statements.
            $0.maximumConnections = 2
        }) { scene in
            let observer = Scene(
                client: scene.another(), configuration: scene.configuration, fixture: scene.fixture)
            try await scene.client.query("SELECT 1")
            let (first, second, third) = try await observer.client.transaction { blocking in
                try await blocking.query("SELECT pg_advisory_xact_lock(7)")
                let first = Task { try await scene.client.query("SELECT pg_advisory_xact_lock(7) /* first */") }
                try await eventually { try await observer.running("first") == 1 }
                let second = Task { try await scene.client.query("SELECT pg_sleep(600) /* second */") }
                let third = Task { try await scene.client.query("SELECT 3") }
                try await eventually("all are sent") {
                    scene.client.shared[0].statistics.statements.load(ordering: .relaxed) >= 4
                }
                second.cancel()
                return (first, second, third)
            }
            #expect(await postgresError { try await second.value }?.kind == .cancelled)
            _ = try await first.value
            #expect(try await third.value[0].decode(Int.self) == 3)
        }
    }

    @Test func aTaskThatWasCancelledBeforeSendsNothing() async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4)")
            let task = Task {
                try? await Task.sleep(for: .seconds(600))
                try await scene.client.query("INSERT INTO t VALUES (1)")
            }
            task.cancel()
            #expect(await postgresError { try await task.value }?.kind == .cancelled)
            #expect(try await scene.client.query("SELECT FROM t").isEmpty)
        }
    }

    @Test func cancellingInAStormLosesNothing() async throws {
        try await withScene { scene in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let task = Task { try await scene.client.query("SELECT \(number), pg_sleep(0.001)") }
                        if number % 3 == 0 { task.cancel() }
                        switch await task.result {
                        case .success(let rows):
                            let value = try rows[0].decode(at: 0, as: Int.self)
                            #expect(value == number)
                        case .failure(let error):
                            #expect((error as? PostgresError)?.kind == .cancelled && number % 3 == 0)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aServerThatDoesNotStopIsLeft() async throws {
        try await withScene { scene in
            let (client, proxy) = try scene.throughProxy()
            try await client.query("SELECT 1")
            let task = Task { try await client.query("SELECT pg_sleep(600) /* unreachable */") }
            try await eventually { try await scene.running("unreachable") == 1 }
            // The request to cancel cannot get through either.
            proxy.pause()
            task.cancel()
            let error = await postgresError { try await task.value }
            #expect(error?.kind == .connection)
        }
    }
}
