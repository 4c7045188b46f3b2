import DevStack
import TestSupport
import Testing

@testable import Postgres

/// Each host of a URL has its own time to answer.
@Suite struct ConnectionPlaceTests {
    @Test(.timeLimit(.minutes(60))) func aSilentFirstHostLeavesTimeForTheNext() async throws {
        try await withScene { scene in
            let server = scene.fixture.stack.state.postgres
            let proxy = TCPProxy(to: server.port)
            defer { proxy.close() }
            proxy.pause()
            var configuration = try PostgresConfiguration(
                url: "postgres://\(server.user):\(server.password)@127.0.0.1:\(proxy.port),127.0.0.1:\(server.port)/"
                    + scene.configuration.database)
            configuration.connectTimeout = .seconds(8)
            let client = PostgresClient(configuration: configuration, logger: quietLogger)
            scene.fixture.atEnd { await client.close() }
            try await eventually("the next host answers") { (try? await client.query("SELECT 1")) != nil }
            let attempts = proxy.accepted
            #expect(attempts > 0)
            // Other connections go straight to the host that has answered.
            try await client.transaction { try await $0.query("SELECT 1") }
            #expect(proxy.accepted == attempts)
        }
    }
}
