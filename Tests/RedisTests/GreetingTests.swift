import DevStack
import Logging
import Redis
import TestSupport
import Testing

@Suite("Getting to a Redis server", .timeLimit(.minutes(60)))
struct GreetingTests {
    private func configuration(_ url: String) throws -> RedisConfiguration {
        var configuration = try RedisConfiguration(url: url)
        configuration.commandTimeout = .seconds(20)
        configuration.connectTimeout = .seconds(20)
        return configuration
    }

    @Test("A wrong password is told, and is not shown")
    func wrongPassword() async throws {
        try await withFixture { fixture in
            let redis = fixture.stack.state.redis
            let records = Records()
            for url in [
                "redis://:wrong-secret@\(redis.host):\(redis.port)",
                "redis://nobody:wrong-secret@\(redis.host):\(redis.port)",
            ] {
                let client = fixture.client(try configuration(url), logger: records.logger)
                let error = await failure { try await client.ping() }
                #expect(error?.kind == .unavailable)
                #expect(error?.message.contains("WRONGPASS") == true)
                #expect(error?.description.contains("wrong-secret") == false)
                #expect(await client.get("k") == nil)
            }
            // Callers are told first, the log comes after.
            try await eventually("both are logged") { records.count(.warning, "WRONGPASS") >= 2 }
            #expect(records.all.allSatisfy { !$0.contains("wrong-secret") })
        }
    }

    @Test("A missing password is told")
    func missingPassword() async throws {
        try await withFixture { fixture in
            let redis = fixture.stack.state.redis
            let client = fixture.client(try configuration("redis://\(redis.host):\(redis.port)"))
            #expect(await failure { try await client.ping() }?.message.contains("NOAUTH") == true)
        }
    }

    @Test("A user of the server's access list is let in, with any password")
    func user() async throws {
        try await withClient { client, fixture in
            let redis = fixture.stack.state.redis
            let name = fixture.stack.uniqueName("user")
            try await client.send(["ACL", "SETUSER", .string(name), "on", ">p@ss: /%wörd", "+@all", "~*"])
            let url = "redis://\(name):p%40ss%3A%20%2F%25w%C3%B6rd@\(redis.host):\(redis.port)"
            let user = fixture.client(try configuration(url))
            #expect(try await user.send(["ACL", "WHOAMI"]).stringValue == name)
            try await client.send(["ACL", "DELUSER", .string(name)])
        }
    }

    @Test("A database that does not exist is told")
    func missingDatabase() async throws {
        try await withFixture { fixture in
            let client = fixture.client(try configuration(fixture.stack.state.redisURL(database: 4711)))
            let error = await failure { try await client.ping() }
            #expect(error?.kind == .unavailable)
            #expect(error?.message.contains("SELECT was refused") == true)
        }
    }

    @Test("Where nobody listens, or a name is unknown, there is no server")
    func nobody() async throws {
        try await withFixture { fixture in
            for url in ["redis://127.0.0.1:1", "redis://no-such-host.invalid"] {
                let client = fixture.client(try configuration(url))
                #expect(await failure { try await client.ping() }?.kind == .unavailable)
                #expect(await client.get("k") == nil)
            }
        }
    }

    @Test("Who listens but never answers is no server; waiting for it ends with the command's deadline")
    func silent() async throws {
        try await withFixture { fixture in
            let server = OddServer { _ in }
            fixture.atEnd { server.stop() }
            var configuration = try configuration("redis://127.0.0.1:\(server.port)")
            configuration.commandTimeout = .milliseconds(200)
            configuration.connectTimeout = .seconds(5)
            let client = fixture.client(configuration)
            #expect(await failure { try await client.ping() }?.kind == .timeout)
            try await eventually("fails at once") { await failure { try await client.ping() }?.kind == .unavailable }
        }
    }

    @Test("Who answers something else is no server")
    func garbage() async throws {
        try await withFixture { fixture in
            let server = OddServer { $0.write("HTTP/1.1 400 Bad Request\r\n\r\n") }
            fixture.atEnd { server.stop() }
            let client = fixture.client(try configuration("redis://127.0.0.1:\(server.port)"))
            let error = await failure { try await client.ping() }
            #expect(error?.kind == .unavailable)
            #expect(error?.message.contains("Protocol error") == true, "\(error?.message ?? "")")
        }
    }

    @Test("A reply that nobody asked for ends the connection: what comes after could be anyone's")
    func surplus() async throws {
        try await withFixture { fixture in
            let server = OddServer { connection in
                connection.read()
                connection.write("+ROLE\r\n+PONG\r\n+SURPLUS\r\n")
            }
            fixture.atEnd { server.stop() }
            let records = Records()
            let client = fixture.client(
                try configuration("redis://127.0.0.1:\(server.port)"), logger: records.logger)
            try await eventually("the connection is dropped") { records.count(.warning, "a reply to no command") >= 1 }
            #expect(await client.get("k") != Array("SURPLUS".utf8))
        }
    }
}
