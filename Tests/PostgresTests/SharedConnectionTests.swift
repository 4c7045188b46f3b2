import TestSupport
import Testing

@testable import Postgres

/// Single statements have a few connections between them, and a slow one holds up no other.
@Suite struct SharedConnectionTests {
    @Test(.timeLimit(.minutes(60))) func aSlowStatementHoldsUpNoOther() async throws {
        try await withScene { scene in
            // The slow one ends only with the test.
            let client = scene.another {
                $0.statementTimeout = .seconds(600)
                $0.lockTimeout = .seconds(600)
            }
            try await scene.client.transaction { blocking in
                try await blocking.query("SELECT pg_advisory_xact_lock(7)")
                let slow = Task { try await client.query("SELECT pg_advisory_xact_lock(7) /* slow */") }
                try await eventually("it waits") { try await scene.running("slow") == 1 }
                for number in 0..<200 {
                    let value = try await client.query("SELECT \(number)::int8")[0].decode(Int.self)
                    #expect(value == number)
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<100 { group.addTask { _ = try await client.query("SELECT 1") } }
                    try await group.waitForAll()
                }
                #expect(try await scene.running("slow") == 1)
                slow.cancel()
            }
        }
    }

    /// Slow ones on every shared connection: half of the others serve single statements, too, and the rest transactions.
    @Test(.timeLimit(.minutes(60))) func slowStatementsOnAllOfThemHoldUpNoOther() async throws {
        try await withScene { scene in
            let client = scene.another {
                $0.statementTimeout = .seconds(600)
                $0.lockTimeout = .seconds(600)
            }
            try await scene.client.transaction { blocking in
                try await blocking.query("SELECT pg_advisory_xact_lock(7)")
                let others = client.configuration.maximumConnections - client.shared.count
                var slow: [Task<Void, any Error>] = []
                for number in 1...(client.shared.count + others / 2) {
                    slow.append(Task { _ = try await client.query("SELECT pg_advisory_xact_lock(7) /* slow */") })
                    try await eventually("\(number) wait") { try await scene.running("slow") == number }
                    if number < client.shared.count { continue }
                    try await eventually("all are held up") { client.shared.allSatisfy(\.load.burden.isHeldUp) }
                    if number == client.shared.count + others / 2 { break }
                    for value in 0..<50 {
                        #expect(try await client.query("SELECT \(value)::int8")[0].decode(Int.self) == value)
                    }
                }
                #expect(try await scene.running("slow") == slow.count)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<10 {
                        group.addTask { try await client.transaction { _ = try await $0.query("SELECT 1") } }
                    }
                    try await group.waitForAll()
                }
                for task in slow { task.cancel() }
                for task in slow { _ = await task.result }
            }
            // Everything was given back.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await client.transaction { _ = try await $0.query("SELECT 1") } }
                    group.addTask { _ = try await client.query("SELECT 1") }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(.timeLimit(.minutes(60))) func aTransactionDoesNotWaitForItself() async throws {
        try await withScene { scene in
            try await scene.client.batch(["CREATE TABLE t (n int4)", "INSERT INTO t VALUES (1)"])
            let observer = scene.another()
            let waiting = try await scene.client.transaction { transaction in
                try await transaction.query("UPDATE t SET n = 2")
                let waiting = Task { try await scene.client.query("UPDATE t SET n = n + 1 /* waits */") }
                let seen = Scene(client: observer, configuration: scene.configuration, fixture: scene.fixture)
                try await eventuallyRunning(seen, "waits")
                let value = try await scene.client.query("SELECT n FROM t")[0].decode(Int.self)
                #expect(value == 1)
                return waiting
            }
            _ = try await waiting.value
            #expect(try await scene.client.query("SELECT n FROM t")[0].decode(Int.self) == 3)
        }
    }

    @Test func whatComesAtOnceIsSpread() async throws {
        try await withScene { scene in
            let observer = Scene(client: scene.another(), configuration: scene.configuration, fixture: scene.fixture)
            let tasks = try await observer.client.transaction { blocking in
                try await blocking.query("SELECT pg_advisory_xact_lock(7)")
                let tasks = (0..<3).map { _ in
                    Task {
                        try await scene.client.query(
                            "SELECT pg_backend_pid() /* at once */ FROM pg_advisory_xact_lock_shared(7)")
                    }
                }
                try await eventually("all are at it") { try await observer.running("at once") == 3 }
                return tasks
            }
            var backends: Set<Int> = []
            for task in tasks { backends.insert(try await task.value[0].decode(Int.self)) }
            #expect(backends.count == 3)
        }
    }

    @Test(.timeLimit(.minutes(60))) func onlySoManyWaitForOne() async throws {
        try await withScene({
            // The pool has none to lend to statements.
            $0.maximumConnections = 2
            $0.sharedConnections = 1
            $0.maximumQueue = 3
        }) { scene in
            let observer = Scene(client: scene.another(), configuration: scene.configuration, fixture: scene.fixture)
            let slow = Task { try await scene.client.query("SELECT pg_sleep(600) /* slow */") }
            try await eventuallyRunning(observer, "slow")
            let waiting = (0..<2).map { _ in Task { try await scene.client.query("SELECT 1") } }
            try await eventually("both wait") { scene.client.shared[0].load.units == 3 }
            let error = await postgresError { try await scene.client.query("SELECT 1") }
            #expect(error?.kind == .poolTimeout)
            #expect(error?.isRetryable == true)
            slow.cancel()
            for task in waiting { _ = try await task.value }
            try await scene.client.query("SELECT 1")
        }
    }
}
