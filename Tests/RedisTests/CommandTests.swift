import DevStack
import Redis
import TestSupport
import Testing

@Suite("Redis commands", .timeLimit(.minutes(60)))
struct CommandTests {
    @Test("Every kind of reply is what it is")
    func replies() async throws {
        try await withClient { client, fixture in
            let key = RedisArgument.string(fixture.stack.redisPrefix() + "key")
            try await client.ping()
            #expect(try await client.send(["SET", key, "value"]) == .status("OK"))
            #expect(try await client.send(["GET", key]) == .bytes(Array("value".utf8)))
            #expect(try await client.send(["DEL", key]) == .integer(1))
            #expect(try await client.send(["GET", key]) == .null)
            #expect(try await client.send(["KEYS", "no such key"]) == .array([]))
            let nested = try await client.send(["EVAL", "return {1, {'two', false}, {}}", 0])
            #expect(nested == .array([.integer(1), .array([.bytes(Array("two".utf8)), .null]), .array([])]))
            #expect(nested.arrayValue?.first?.integerValue == 1)
            #expect(try await client.send(["ECHO", "42"]).integerValue == 42)
            #expect(try await client.send(["ECHO", 42]).stringValue == "42")
        }
    }

    @Test("An error of the server is thrown, with its code, and the connection goes on")
    func serverError() async throws {
        try await withClient { client, fixture in
            let key = RedisArgument.string(fixture.stack.redisPrefix() + "list")
            try await client.send(["RPUSH", key, "a"])
            let error = await failure { try await client.send(["INCR", key]) }
            #expect(error?.kind == .server)
            #expect(error?.code == "WRONGTYPE")
            #expect(error?.isRetryable == false)
            #expect(await failure { try await client.send(["NOSUCHCOMMAND"]) }?.code == "ERR")
            #expect(try await client.send(["LLEN", key]) == .integer(1))
            try await client.send(["DEL", key])
        }
    }

    @Test("In a pipeline each command has its own reply, errors included")
    func pipeline() async throws {
        try await withClient { client, fixture in
            let key = RedisArgument.string(fixture.stack.redisPrefix() + "n")
            let replies = try await client.pipeline([
                ["SET", key, "text", "PX", 60_000], ["INCR", key], ["GET", key], ["DEL", key],
            ])
            #expect(replies.count == 4)
            #expect(replies[0] == .status("OK"))
            guard case .error(let text) = replies[1] else {
                Issue.record("\(replies[1])")
                return
            }
            #expect(text.hasPrefix("ERR"))
            #expect(replies[2].stringValue == "text")
            #expect(replies[3] == .integer(1))
            #expect(try await client.pipeline([]).isEmpty)
        }
    }

    @Test("A command without words is refused before it is sent")
    func emptyCommand() async throws {
        try await withClient { client, _ in
            #expect(await failure { try await client.send([]) }?.kind == .configuration)
            #expect(await failure { _ = try await client.pipeline([["PING"], []]) }?.kind == .configuration)
            try await client.ping()
        }
    }

    @Test("Commands of many tasks share one connection, and each gets its own reply")
    func manyTasks() async throws {
        try await withClient { client, _ in
            let identity = try await client.send(["CLIENT", "ID"])
            try await withThrowingTaskGroup { group in
                for task in 0..<200 {
                    group.addTask {
                        for round in 0..<50 {
                            let text = "\(task)/\(round)"
                            let reply = try await client.send(["ECHO", .string(text)])
                            guard reply.stringValue == text else {
                                Issue.record("\(reply) instead of \(text)")
                                return
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await client.send(["CLIENT", "ID"]) == identity)
        }
    }

    @Test("No other task's command comes between those of a pipeline")
    func pipelinesStayTogether() async throws {
        try await withClient { client, fixture in
            let key = RedisArgument.string(fixture.stack.redisPrefix() + "n")
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        let replies = try await client.pipeline(Array(repeating: ["INCR", key], count: 100))
                        let numbers = replies.compactMap(\.integerValue)
                        #expect(numbers.count == 100)
                        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 })
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await client.send(["GETDEL", key]).integerValue == 5000)
        }
    }

    @Test("Bytes are bytes: every value of them, none at all, and very many")
    func values() async throws {
        try await withClient { client, fixture in
            let key = RedisArgument.bytes(Array(fixture.stack.redisPrefix().utf8) + [0, 0xFF, 13, 10])
            let all = (0...255).map(UInt8.init) + [13, 10, 0]
            let large = (0..<16 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            for value in [all, [], large, [0]] {
                try await client.send(["SET", key, .bytes(value), "PX", 60_000])
                let reply = try await client.send(["GET", key])
                // Compared apart from #expect, which would describe megabytes.
                let isSame = reply.bytesValue == value
                #expect(isSame, "\(value.count) bytes")
            }
            #expect(try await client.send(["ECHO", ""]).stringValue?.isEmpty == true)
            try await client.send(["DEL", key])
        }
    }

    @Test("The database of the URL is selected")
    func database() async throws {
        try await withFixture { fixture in
            var configuration = try RedisConfiguration(url: fixture.stack.state.redisURL(database: 3))
            configuration.commandTimeout = .seconds(20)
            let third = fixture.client(configuration)
            let info = try await third.send(["CLIENT", "INFO"])
            #expect(info.stringValue?.contains(" db=3 ") == true)
        }
    }
}
