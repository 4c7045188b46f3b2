import Logging
import TestSupport
import Testing

@testable import Redis

@Suite("Redis without descriptors", .timeLimit(.minutes(60)))
struct DescriptorTests {
    @Test("A client made when the process has no descriptor left works as soon as there are some", .ownThreads)
    func lateStart() async throws {
        try await withFixture { fixture in
            let url = fixture.redis().url
            await #expect(processExitsWith: .success) { [url = url as String] in
                var configuration = try RedisConfiguration(url: url)
                configuration.commandTimeout = .seconds(20)
                configuration.connectTimeout = .seconds(20)
                let client = withoutDescriptors { RedisClient(configuration: configuration, logger: .silent) }
                try await eventually("the client works") { (try? await client.ping()) != nil }
                await client.close()
            }
        }
    }

    @Test("A connection that gets no descriptor is an error that says so", .ownThreads)
    func connecting() async throws {
        await #expect(processExitsWith: .success) {
            let addresses = try RedisAddress.resolve(RedisEndpoint(host: "127.0.0.1", port: 1), isNumeric: true)
            let error = #expect(throws: RedisError.self) {
                try withoutDescriptors { try RedisConnection(to: addresses[0]) }
            }
            #expect(error?.kind == .unavailable)
            #expect(error?.message == "Too many open files")
        }
    }
}
