import Glibc
import Testing

@testable import DevStack

@Suite struct StateTests {
    private func sample() throws -> DevStackState {
        try DevStackState.fresh(
            root: "/tmp/somewhere", options: DevStackOptions(ephemeral: true), previous: nil)
    }

    @Test func isWrittenForItsOwnerAloneAndReadAgain() throws {
        let path = "/tmp/devstack-tests-\(randomHex(bytes: 6)).json"
        defer { unlink(path) }
        var state = try sample()
        state.services["gateway"] = "http://127.0.0.1:8080"
        try StateFile.write(state, to: path)
        // Over an existing one as well.
        try StateFile.write(state, to: path)
        #expect(mode(of: path) == 0o600)
        let read = try #require(try StateFile.read(path))
        #expect(read.marker == state.marker)
        #expect(read.services == state.services)
        #expect(read.rabbitmq == state.rabbitmq)
        let text = String(decoding: readSmallFile(path) ?? [], as: UTF8.self)
        for key in ["\"version\" : 1", "\"owner_start_ticks\"", "\"started_at\"", "\"epmd_port\"", "\"node_name\""] {
            #expect(text.contains(key))
        }
    }

    @Test func anUnreadableOneIsAnErrorWithoutItsContent() throws {
        let path = "/tmp/devstack-tests-\(randomHex(bytes: 6)).json"
        defer { unlink(path) }
        try writeFileAtomically(path, Array(#"{"version": "hunter2"}"#.utf8), mode: 0o600)
        let error = #expect(throws: DevStackError.self) { try StateFile.read(path) }
        #expect(!"\(try #require(error))".contains("hunter2"))

        var state = try sample()
        state.version = 2
        try StateFile.write(state, to: path)
        let later = #expect(throws: DevStackError.self) { try StateFile.read(path) }
        #expect("\(try #require(later))".contains("version is 2"))
        #expect(try StateFile.read(path + ".missing") == nil)
    }

    @Test func aPrintedStateShowsNoSecret() throws {
        let state = try sample()
        var dumped = "\(state) \(String(reflecting: state)) "
        dump(state, to: &dumped)
        #expect(dumped.contains(state.directory))
        for secret in [state.postgres.password, state.rabbitmq.password, state.redis.password] {
            #expect(!dumped.contains(secret))
        }
    }

    @Test func urlsCarryNamesEncoded() throws {
        let state = try sample()
        #expect(state.amqpURL().hasSuffix(":\(state.rabbitmq.port)/%2F"))
        #expect(state.amqpURL(vhost: "a b").hasSuffix("/a%20b"))
        #expect(state.postgresURL(database: "orders").hasSuffix(":\(state.postgres.port)/orders"))
        #expect(state.redisURL(database: 3).hasSuffix("/3"))
        #expect(Set(state.environment.keys) == ["DATABASE_URL", "AMQP_URL", "REDIS_URL"])
    }

    @Test func theOwnersVariablesGoFirst() throws {
        var state = try sample()
        state.servers = [.redis]
        state.variables = ["REDIS_URL": "redis://elsewhere", "SHOPCTL_GATEWAY_URL": "http://127.0.0.1:1"]
        #expect(state.environment == state.variables)
    }

    @Test func portsAreDistinctAndOutsideTheRangeOfClients() throws {
        let state = try sample()
        let ports = [
            state.postgres.port, state.rabbitmq.port, state.rabbitmq.epmdPort, state.rabbitmq.distributionPort,
            state.redis.port,
        ]
        #expect(Set(ports).count == ports.count)
        #expect(ports.allSatisfy { $0 < 32_768 && $0 > 1_024 })
    }

    @Test(arguments: ["", "Upper", "a\"b", "a'b", "a;b", "ü", String(repeating: "x", count: 64)])
    func namesThatWouldNeedEscapingAreRefused(_ name: String) {
        #expect(throws: DevStackError.invalidName(name)) { try checkedName(name) }
    }

    @Test func nothingIsThere() async throws {
        let directory = "/tmp/devstack-tests-\(randomHex(bytes: 6))"
        let error = DevStackError.noStack(directory: directory)
        await #expect(throws: error) { try await DevStack.status(directory: directory) }
        await #expect(throws: error) { try await DevStack.down(directory: directory) }
        await #expect(throws: error) { try await DevStack.reset(directory: directory) }
        #expect(DevStack.logs(directory: directory).isEmpty)
    }
}
