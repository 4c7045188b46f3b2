import DevStack
import Logging
import Redis
import TestSupport
import Testing

@Suite("Several Redis hosts", .timeLimit(.minutes(60)))
struct SeveralHostsTests {
    private func configuration(_ ports: [Int], password: String) throws -> RedisConfiguration {
        let hosts = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
        var configuration = try RedisConfiguration(url: "redis://:\(password)@\(hosts)/0")
        configuration.commandTimeout = .seconds(20)
        configuration.connectTimeout = .seconds(5)
        return configuration
    }

    @Test("Hosts that say nothing, accept nothing or close at once cost their share, and the next one is taken")
    func unusable() async throws {
        try await withFixture { fixture in
            let redis = fixture.stack.state.redis
            let silent = TCPProxy(to: redis.port)
            silent.pause()
            let closing = TCPProxy(to: 1)
            let full = try FullListener()
            fixture.atEnd {
                silent.close()
                closing.close()
                full.close()
            }
            let client = fixture.client(
                try configuration(
                    [silent.port, 1, closing.port, full.port, redis.port], password: redis.password))
            try await eventually("the next one is taken") { (try? await client.ping()) != nil }
        }
    }

    @Test("A master that is demoted is left for the one that can be written, and a replica is never kept")
    func demoted() async throws {
        try await withPrivateServers([.redis]) { first in
            try await withPrivateServers([.redis]) { second in
                let (a, b) = (first.state.redis, second.state.redis)
                // One password for both, as replicas have.
                let nodeA = first.fixture.client(try configuration([a.port], password: a.password))
                let nodeB = second.fixture.client(try configuration([b.port], password: b.password))
                try await nodeB.send(["CONFIG", "SET", "requirepass", .string(a.password)])
                try await nodeB.send(["AUTH", .string(a.password)])
                for node in [nodeA, nodeB] {
                    try await node.send(["CONFIG", "SET", "masterauth", .string(a.password)])
                }
                try await nodeB.send(["REPLICAOF", "127.0.0.1", .int(Int64(a.port))])

                let records = Records()
                // The replica comes first in the URL.
                let client = first.fixture.client(
                    try configuration([b.port, a.port], password: a.password), logger: records.logger)
                try await eventually("the master is found") { (try? await client.send(["SET", "k", "1"])) != nil }
                #expect(try await nodeA.send(["GET", "k"]) == .bytes(Array("1".utf8)))

                try await nodeB.send(["REPLICAOF", "NO", "ONE"])
                try await nodeA.send(["REPLICAOF", "127.0.0.1", .int(Int64(b.port))])
                await client.set("k", [2], ttl: .seconds(600))
                try await eventually("the new master is written") {
                    await client.set("k", [2], ttl: .seconds(600))
                    return try await nodeB.send(["GET", "k"]) == .bytes([2])
                }
                #expect(records.count(.warning, "redis refuses commands") == 1)
                #expect(records.all.allSatisfy { !$0.contains(a.password) })
            }
        }
    }
}
