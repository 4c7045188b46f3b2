import TestSupport
import Testing

@testable import DevStack

/// Stacks whose servers follow those of another.
@Suite struct ClusterMemberTests {
    @Test("PostgreSQL and Redis of a member follow those of the first, and can take their part")
    func follows() async throws {
        let first = try await start(1)
        do {
            let second = try await start(2, following: first.state)
            do {
                try await followPostgres(first.state, second.state, takeAway: { try await first.kill(.postgres) })
                try await followRedis(first.state, second.state)
            } catch {
                await second.stop()
                throw error
            }
            await second.stop()
        } catch {
            await first.stop()
            throw error
        }
        await first.stop()
    }

    private func start(_ number: Int, following leader: DevStackState? = nil) async throws -> DevStack {
        try await DevStack.start(
            DevStackOptions(
                ephemeral: true, member: ClusterMember(number: number, following: leader),
                servers: [.postgres, .redis]), logger: testLogger)
    }

    private func followPostgres(
        _ first: DevStackState, _ second: DevStackState, takeAway: () async throws -> Void
    ) async throws {
        let (primary, standby) = (try PostgresControl(first), try PostgresControl(second))
        try await primary.execute("CREATE TABLE kept (n int)")
        try await eventually("the standby has the table") {
            try await standby.execute("SELECT to_regclass('kept') IS NOT NULL") == ["t"]
        }
        #expect(try await standby.execute("SELECT pg_is_in_recovery()") == ["t"])
        await #expect(throws: DevStackError.self) { try await standby.execute("INSERT INTO kept VALUES (1)") }
        try await takeAway()
        try await standby.execute("SELECT pg_promote()")
        try await standby.execute("INSERT INTO kept VALUES (1)")
        #expect(try await standby.execute("SELECT n FROM kept") == ["1"])
    }

    private func followRedis(_ first: DevStackState, _ second: DevStackState) async throws {
        let (master, replica) = (try RedisControl(first), try RedisControl(second))
        try await master.execute("SET", "key", "old")
        try await eventually("the replica has the key") { try await replica.execute("GET", "key") == ["old"] }
        await #expect(throws: DevStackError.self) { try await replica.execute("SET", "key", "new") }
        try await replica.execute("REPLICAOF", "NO", "ONE")
        try await master.execute("REPLICAOF", second.redis.host, "\(second.redis.port)")
        try await replica.execute("SET", "key", "new")
        try await eventually("the demoted master follows") { try await master.execute("GET", "key") == ["new"] }
    }
}
