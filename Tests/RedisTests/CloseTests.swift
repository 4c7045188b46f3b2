import Redis
import TestSupport
import Testing

@testable import Redis

@Suite("Closing a Redis client", .timeLimit(.minutes(60)))
struct CloseTests {
    @Test("Closing fails what is outstanding and what comes later, and ends the thread")
    func close() async throws {
        try await withClient { client, fixture in
            try await client.ping()
            let key = fixture.stack.redisPrefix() + "never"
            let waiting = Task { await failure { try await client.send(["BLPOP", .string(key), 0]) } }
            let many = (0..<20).map { _ in Task { await failure { try await client.send(["BLPOP", "x", 0]) } } }
            await client.close()
            #expect(await waiting.value?.kind == .closed)
            for task in many { #expect(await task.value?.kind == .closed) }
            #expect(await failure { try await client.ping() }?.kind == .closed)
            #expect(await client.get("k") == nil)
            await client.close()
        }
    }

    @Test("Closing from many tasks at once returns to each")
    func closeOften() async throws {
        try await withClient { client, _ in
            await withTaskGroup { group in
                for _ in 0..<20 { group.addTask { await client.close() } }
            }
        }
    }

    @Test("A client can be closed before it is connected, and where there is no server")
    func closeEarly() async throws {
        for _ in 0..<20 {
            let client = RedisClient(
                configuration: try RedisConfiguration(url: "redis://127.0.0.1:1"), logger: .silent)
            await client.close()
        }
    }

    @Test("A client that is forgotten ends its thread")
    func forgotten() async throws {
        try await withFixture { fixture in
            var client: RedisClient? = RedisClient(configuration: try testConfiguration(fixture), logger: .silent)
            try await client?.ping()
            weak let mailbox = client?.mailbox
            client = nil
            // The thread holds the mailbox until its end.
            try await eventually("the thread's end") { mailbox == nil }
        }
    }
}
