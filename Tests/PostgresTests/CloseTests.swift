import DriverSupport
import Glibc
import TestSupport
import Testing

@testable import Postgres

@Suite struct CloseTests {
    /// A close that comes between the thread's last look at its inbox and its going to sleep must keep it awake.
    @Test func aCloseJustBeforeSleepIsNotMissed() throws {
        let configuration = try PostgresConfiguration(url: "postgres://localhost/never")
        let loop = ConnectionLoop(
            role: .leased, configuration: configuration, logger: testLogger,
            metrics: DriverMetrics(database: "never"))
        var units: [PipelineUnit] = []
        var jobs: [UnownedJob] = []
        let farAway = MonotonicTime.now + .seconds(300)
        _ = loop.takeInbox(&units, &jobs)
        loop.drain()
        _ = loop.wait(until: farAway)
        // Once it knows, it may wait for what is still under way.
        _ = loop.takeInbox(&units, &jobs)
        let soon = MonotonicTime.now + .milliseconds(20)
        _ = loop.wait(until: soon)
        #expect(soon <= .now)
        loop.abort()
        _ = loop.wait(until: farAway)
        #expect(.now < farAway)
    }

    @Test func finishesWhatIsUnderWayAndRefusesTheRest() async throws {
        try await withScene { scene in
            try await scene.client.query("CREATE TABLE t (n int4)")
            let client = scene.another()
            let (begun, hasBegun) = AsyncStream.makeStream(of: Void.self)
            let (released, release) = AsyncStream.makeStream(of: Void.self)
            let transaction = Task {
                try await client.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    hasBegun.yield()
                    for await _ in released { break }
                    try await transaction.query("INSERT INTO t VALUES (2)")
                }
            }
            for await _ in begun { break }
            let (slow, closing) = try await scene.another().transaction { holder in
                try await holder.query("SELECT pg_advisory_xact_lock(7)")
                let slow = Task {
                    try await client.query("INSERT INTO t SELECT 3 FROM pg_advisory_xact_lock(7) /* slow */")
                }
                try await eventually { try await scene.running("slow") == 1 }
                let closing = Task { await client.close() }
                try await eventually("new work is refused") {
                    await postgresError { try await client.query("SELECT 1") }?.kind == .closed
                }
                try await eventually("new transactions are refused") {
                    await postgresError { try await client.transaction { try await $0.query("SELECT 1") } }?.kind
                        == .closed
                }
                return (slow, closing)
            }
            _ = try await slow.value
            release.yield()
            try await transaction.value
            await closing.value
            let numbers = try await scene.client.query("SELECT n FROM t ORDER BY n").decode(Int.self)
            #expect(numbers == [1, 2, 3])
            await client.close()
        }
    }

    @Test func leavesNoThreadAndNoBackend() async throws {
        try await withScene { scene in
            // The threads are named after the database, which is this test's own.
            let name = "pg-\(scene.configuration.database)"
            let client = scene.another { $0.sharedConnections = 2 }
            let events = client.listen(["a"])
            for try await _ in events { break }
            for _ in 0..<4 { try await client.query("SELECT 1") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await client.transaction { _ = try await $0.query("SELECT pg_sleep(0.05)") }
                    }
                }
                try await group.waitForAll()
            }
            #expect(threads(named: name) >= 3)
            await client.close()
            try await eventually("the threads have ended") { threads(named: name) == 0 }
            try await eventually("the backends have gone") {
                try await scene.client.query(
                    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ).isEmpty
            }
        }
    }

    @Test func aClientThatIsDroppedLeavesNoThreadEither() async throws {
        try await withScene { scene in
            let name = "pg-\(scene.configuration.database)"
            try await {
                let client = PostgresClient(configuration: scene.configuration, logger: quietLogger)
                try await client.query("SELECT 1")
                try await client.transaction { try await $0.query("SELECT 1") }
            }()
            try await eventually("the threads have ended") { threads(named: name) == 0 }
        }
    }

    @Test func aClientThatNeverConnectedCloses() async throws {
        let configuration = try PostgresConfiguration(url: "postgres://nobody@host.invalid/nothing")
        let client = PostgresClient(configuration: configuration, logger: quietLogger)
        await client.close()
        #expect(await postgresError { try await client.ping() }?.kind == .closed)
        #expect(await postgresError { try await client.withConnection { _ in } }?.kind == .closed)
    }

    private func threads(named name: String) -> Int {
        guard let directory = opendir("/proc/self/task") else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            let id = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let file = fopen("/proc/self/task/\(id)/comm", "r") else { continue }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 32)
            guard fgets(&line, 32, file) != nil else { continue }
            let text = line.prefix { $0 != 0 && $0 != 10 }
            let comm = String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if comm == String(name.prefix(15)) { count += 1 }
        }
        return count
    }
}
