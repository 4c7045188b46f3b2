import Redis
import TestSupport
import Testing

@Suite("Redis scripts", .timeLimit(.minutes(60)))
struct ScriptTests {
    private static let script = RedisScript(
        """
        redis.call('SET', KEYS[1], ARGV[1], 'PX', 60000)
        return {KEYS[1], ARGV[1], ARGV[2]}
        """)

    @Test("A script gets its keys with the prefix, and its arguments as they are")
    func keysAndArguments() async throws {
        try await withClient { client, _ in
            let reply = try await client.evaluate(Self.script, keys: ["k"], arguments: [.bytes([0, 255]), 7])
            #expect(
                reply
                    == .array([
                        .bytes(Array(client.configuration.prefixed("k").utf8)), .bytes([0, 255]), .bytes([0x37]),
                    ]))
            #expect(await client.get("k") == [0, 255])
            await client.delete(["k"])
        }
    }

    @Test("The digest is the server's own")
    func digest() async throws {
        try await withClient { client, _ in
            let digest = try await client.send(["SCRIPT", "LOAD", .string(Self.script.source)])
            #expect(digest.stringValue == Self.script.digest)
        }
    }

    @Test("A server that does not know the script is sent it, and knows it from then on")
    func unknownScript() async throws {
        try await withClient { client, fixture in
            // A text no other test uses, so that none teaches it to the server.
            let script = RedisScript("return '\(fixture.stack.uniqueName())'")
            #expect(try await client.send(["SCRIPT", "EXISTS", .string(script.digest)]) == .array([.integer(0)]))
            let first = try await client.evaluate(script)
            #expect(try await client.send(["SCRIPT", "EXISTS", .string(script.digest)]) == .array([.integer(1)]))
            #expect(try await client.evaluate(script) == first)
        }
    }

    @Test("A script's error is the caller's")
    func scriptError() async throws {
        try await withClient { client, _ in
            let error = await failure {
                try await client.evaluate(RedisScript("return redis.error_reply('NOSTOCK none left')"))
            }
            #expect(error?.kind == .server)
            #expect(error?.code == "NOSTOCK")
            #expect(await failure { try await client.evaluate(RedisScript("this is no Lua")) }?.kind == .server)
        }
    }
}
