import DriverSupport
import Synchronization
import Testing

@testable import Postgres

/// A process without free descriptors gets an error, and goes on when there are some again.
@Suite struct DescriptorShortageTests {
    @Test func isAnErrorThatPasses() async throws {
        try await withScene { scene in
            let isShort = Atomic(true)
            let loop = ConnectionLoop(
                role: .shared, configuration: scene.configuration, logger: quietLogger,
                metrics: DriverMetrics(database: "t"),
                openWakeUp: { !isShort.load(ordering: .relaxed) && $0.open() })
            let run = { try await loop.run(.statements(["SELECT 1"]), effect: .read, site: nil) }
            let error = await postgresError { try await run() }
            #expect(error?.kind == .connection)
            #expect(error?.isRetryable == true)
            #expect(error?.message.contains("file descriptor") == true)
            isShort.store(false, ordering: .relaxed)
            _ = try await run()
            loop.drain()
            await loop.waitForTermination()
        }
    }
}
