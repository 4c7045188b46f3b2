import Redis
import TestSupport
import Testing

@Suite("Redis deadlines and cancellation", .timeLimit(.minutes(60)))
struct DeadlineTests {
    @Test("A command that is not answered in time takes its connection with it; the next one has a new one")
    func timeout() async throws {
        try await withFixture { fixture in
            var configuration = try testConfiguration(fixture)
            configuration.commandTimeout = .seconds(1)
            let client = fixture.client(configuration)
            let identity = try await eventuallyValue("connected") { try? await client.send(["CLIENT", "ID"]) }
            let late = await failure { try await client.send(["BLPOP", "\(fixture.stack.redisPrefix())never", 0]) }
            #expect(late?.kind == .timeout)
            #expect(late?.isRetryable == true)
            let next = try await eventuallyValue("a new connection") { try? await client.send(["CLIENT", "ID"]) }
            #expect(next != identity)
            // Nothing of the old connection's replies is taken for the new one's.
            for number in 0..<20 {
                let reply = try await eventuallyValue { try? await client.send(["ECHO", .int(Int64(number))]) }
                #expect(reply.integerValue == Int64(number))
            }
        }
    }

    @Test("Whoever waits behind a command that is too late hears that the connection was lost")
    func neighbours() async throws {
        try await withFixture { fixture in
            var configuration = try testConfiguration(fixture)
            configuration.commandTimeout = .seconds(8)
            let client = fixture.client(configuration)
            let connection = try await eventuallyValue("connected") { try? await client.send(["CLIENT", "ID"]) }
            let key = fixture.stack.redisPrefix() + "never"
            async let late = failure { try await client.send(["BLPOP", .string(key), 0]) }
            try await blocked(connection, fixture)
            let behind = await failure { try await client.ping() }
            #expect(await late?.kind == .timeout)
            // On a very slow machine its own deadline may have passed as well.
            #expect(behind?.kind == .unavailable || behind?.kind == .timeout)
        }
    }

    @Test("A cancelled task stops waiting at once, and its reply is nobody else's")
    func cancellation() async throws {
        try await withClient { client, fixture in
            let key = fixture.stack.redisPrefix() + "list"
            let other = fixture.client(try testConfiguration(fixture))
            let connection = try await client.send(["CLIENT", "ID"])
            let waiting = Task { try await client.send(["BLPOP", .string(key), 0]) }
            try await blocked(connection, fixture)
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            // Sent behind the blocked command, on the same connection.
            async let echo = client.send(["ECHO", "mine"])
            try await other.send(["RPUSH", .string(key), "not mine"])
            let answer = try await echo
            #expect(answer.stringValue == "mine")
            #expect(try await other.send(["LLEN", .string(key)]) == .integer(0))
        }
    }

    @Test("A task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        try await withClient { client, fixture in
            let key = RedisArgument.string(fixture.stack.redisPrefix() + "k")
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                try await client.send(["SET", key, "sent"])
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let exists = try await client.send(["EXISTS", key])
            #expect(exists == .integer(0))
        }
    }

    @Test("In the cache a cancelled task has a miss")
    func cancelledCache() async throws {
        try await withClient { client, _ in
            await client.set("k", [1], ttl: .seconds(60))
            let task = Task { () -> [UInt8]? in
                while !Task.isCancelled { await Task.yield() }
                return await client.get("k")
            }
            task.cancel()
            #expect(await task.value == nil)
            #expect(await client.get("k") == [1])
            await client.delete(["k"])
        }
    }

    /// Waits until the server holds a command of that connection back: others of this run may be blocked, too.
    private func blocked(_ connection: RedisReply, _ fixture: Fixture) async throws {
        let id = try #require(connection.integerValue)
        let other = fixture.client(try testConfiguration(fixture))
        try await eventually("a blocked command") {
            let list = try await other.send(["CLIENT", "LIST"]).stringValue ?? ""
            return list.split(separator: "\n").contains {
                $0.hasPrefix("id=\(id) ") && $0.contains(" cmd=blpop ") && $0.contains(" flags=b ")
            }
        }
    }
}
