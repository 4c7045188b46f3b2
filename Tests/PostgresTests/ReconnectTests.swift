import DevStack
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// Connections that are lost and made again leave nothing behind.
@Suite struct ReconnectTests {
    /// In a process of its own, so that what is counted is this client's.
    @Test(.ownThreads, .timeLimit(.minutes(60))) func aThousandLeaveDescriptorsThreadsAndMemoryAsBefore() async throws {
        try await withScene { scene in
            let server = scene.fixture.stack.state.postgres
            let url =
                "postgres://\(server.user):\(server.password)@127.0.0.1:\(server.port)/\(scene.configuration.database)"
            await #expect(processExitsWith: .success) { [url = url as String] in
                var configuration = try PostgresConfiguration(url: url)
                configuration.sharedConnections = 1
                let client = PostgresClient(configuration: configuration, logger: quietLogger)
                try await Footprint.reconnect(client, times: 100)
                let before = try await Footprint.settled(atMost: nil)
                try await Footprint.reconnect(client, times: 1000)
                let after = try await Footprint.settled(atMost: before)
                let reconnects = client.shared[0].statistics.connects.load(ordering: .relaxed)
                guard reconnects >= 550, after.descriptors <= before.descriptors, after.threads <= before.threads,
                    after.memory < before.memory + 4_000_000
                else {
                    print("reconnects \(reconnects), before \(before), after \(after)")
                    exit(1)
                }
                await client.close()
            }
        }
    }
}

/// What a process holds.
private struct Footprint {
    var descriptors: Int
    var threads: Int
    /// Allocated, in bytes.
    var memory: Int

    static func reconnect(_ client: PostgresClient, times: Int) async throws {
        let suicide: PostgresQuery = "SELECT pg_terminate_backend(pg_backend_pid())"
        for number in 0..<times {
            if number.isMultiple(of: 2) {
                _ = try? await client.query(suicide)
            } else {
                _ = try? await client.transaction(.init(attempts: 1)) { try await $0.query(suicide) }
            }
        }
    }

    /// The footprint once threads that are ending have ended.
    static func settled(atMost limit: Footprint?) async throws -> Footprint {
        var now = Footprint(descriptors: 0, threads: 0, memory: 0)
        for _ in 0..<(limit == nil ? 100 : 4_500) {
            now = Footprint(
                descriptors: ProcessFigures.descriptors(), threads: ProcessFigures.threads(named: ""),
                memory: ProcessFigures.allocatedBytes())
            if let limit, now.descriptors <= limit.descriptors, now.threads <= limit.threads { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        return now
    }
}
