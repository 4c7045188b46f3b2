import DevStack
import Logging
import Redis
import TestSupport
import Testing

@Suite("Redis away and back", .timeLimit(.minutes(60)))
struct OutageTests {
    private func configuration(_ servers: PrivateServers) throws -> RedisConfiguration {
        var configuration = try RedisConfiguration(url: servers.state.redisURL())
        configuration.commandTimeout = .seconds(20)
        configuration.connectTimeout = .seconds(20)
        return configuration
    }

    @Test("A server that dies is a miss at once, is told of once, and is found again")
    func killed() async throws {
        try await withPrivateServers([.redis]) { servers in
            let records = Records()
            let client = servers.fixture.client(try configuration(servers), logger: records.logger)
            await client.set("k", [1], ttl: .seconds(600))
            #expect(await client.get("k") == [1])

            try await servers.stack.kill(.redis)
            try await eventually("the outage is noticed") { records.count(.warning, "redis is away") == 1 }
            try await eventually("several attempts") { records.count(.debug, "redis is still away") >= 3 }
            for _ in 0..<100 {
                #expect(await client.get("k") == nil)
                #expect(await client.get(["k", "l"]) == [nil, nil])
                await client.set("k", [2], ttl: .seconds(60))
                #expect(await failure { try await client.ping() }?.kind == .unavailable)
            }

            try await servers.stack.start(.redis)
            try await eventually("the server is found again") { (try? await client.ping()) != nil }
            await client.set("k", [3], ttl: .seconds(600))
            #expect(await client.get("k") == [3])
            #expect(records.count(.warning, "redis is away") == 1)
            #expect(records.count(.notice, "redis is back") == 1)
            #expect(records.all.allSatisfy { !$0.contains(servers.state.redis.password) })
        }
    }

    @Test("A server that hangs costs one deadline, then misses are at once; when it goes on, nothing is mixed up")
    func frozen() async throws {
        try await withPrivateServers([.redis]) { servers in
            let records = Records()
            var configuration = try configuration(servers)
            configuration.commandTimeout = .milliseconds(500)
            configuration.connectTimeout = .seconds(2)
            let client = servers.fixture.client(configuration, logger: records.logger)
            try await eventually("connected") { (try? await client.ping()) != nil }

            try await servers.stack.pause(.redis)
            #expect(await failure { try await client.send(["ECHO", "late"]) }?.kind == .timeout)
            // The kernel still accepts connections for it, but nobody greets: that is no connection.
            #expect(await failure { try await client.ping() }?.kind == .unavailable)
            try await eventually("several attempts") { records.count(.debug, "redis is still away") >= 1 }
            #expect(await client.get("k") == nil)

            try await servers.stack.resume(.redis)
            try await eventually("connected again") { (try? await client.ping()) != nil }
            for number in 0..<20 {
                let reply = try await eventuallyValue { try? await client.send(["ECHO", .int(Int64(number))]) }
                #expect(reply.integerValue == Int64(number))
            }
        }
    }

    @Test("Commands in flight when the server dies fail, and none hangs")
    func killedUnderLoad() async throws {
        try await withPrivateServers([.redis]) { servers in
            let client = servers.fixture.client(try configuration(servers))
            try await eventually("connected") { (try? await client.ping()) != nil }
            let failures = try await withThrowingTaskGroup(of: RedisError?.self) { group -> [RedisError] in
                for task in 0..<32 {
                    group.addTask {
                        // Until it fails: every task sees the server's end.
                        while true {
                            let text = "\(task)"
                            do {
                                let reply = try await client.send(["ECHO", .string(text)])
                                #expect(reply.stringValue == text)
                            } catch {
                                return error as? RedisError
                            }
                        }
                    }
                }
                group.addTask {
                    try await servers.stack.kill(.redis)
                    return nil
                }
                return try await group.reduce(into: []) { all, failure in
                    if let failure { all.append(failure) }
                }
            }
            #expect(failures.count == 32)
            #expect(failures.allSatisfy { $0.kind == .unavailable || $0.kind == .timeout })
        }
    }

    @Test("A connection that the server closes is replaced")
    func connectionKilled() async throws {
        try await withPrivateServers([.redis]) { servers in
            let client = servers.fixture.client(try configuration(servers))
            let other = servers.fixture.client(try configuration(servers))
            for _ in 0..<5 {
                let identity = try await eventuallyValue("connected") {
                    try? await client.send(["CLIENT", "ID"]).integerValue
                }
                try await other.send(["CLIENT", "KILL", "ID", .int(identity)])
                try await eventually("another connection") {
                    guard let reply = try? await client.send(["CLIENT", "ID"]) else { return false }
                    return reply.integerValue != identity
                }
            }
        }
    }
}
