import Glibc
import Logging
import TestSupport
import Testing

@testable import DevStack

@Suite struct LifecycleTests {
    @Test func everythingStartsAndNothingIsLeftAfterStop() async throws {
        let stack = try await DevStack.start(DevStackOptions(ephemeral: true), logger: testLogger)
        let state = stack.state
        let status = try await DevStack.status(directory: stack.directory)
        #expect(status.isHealthy)
        #expect(status.ownerPID == getpid())
        #expect(status.servers.map(\.server) == [.postgres, .rabbitmq, .redis])
        #expect(mode(of: stack.directory + "/state.json") == 0o600)
        #expect(Set(DevStack.logs(directory: stack.directory).keys) == Set(ServerKind.allCases))
        #expect(DevStack.ephemeralStacks().contains { $0.marker == state.marker })

        // All that belongs to it carries its marker, and nothing else was started: no port mapper as a daemon.
        let family = ProcessTable.family(state.marker)
        let commands = Set(ProcessTable.marked(state.marker).compactMap(ProcessTable.command))
        #expect(commands.isSuperset(of: ["postgres", "beam.smp", "epmd", "redis-server", "sh"]))
        #expect(family.filter { ProcessTable.command($0) == "epmd" }.count == 1)

        // Secrets are in files, never in arguments.
        let cookie = String(decoding: readSmallFile(state.rabbitmq.home + "/.erlang.cookie") ?? [], as: UTF8.self)
        let secrets = [state.postgres.password, state.rabbitmq.password, state.redis.password, cookie]
        for pid in family {
            let arguments = String(decoding: readSmallFile("/proc/\(pid)/cmdline") ?? [], as: UTF8.self)
            for secret in secrets { #expect(!arguments.contains(secret)) }
        }

        await stack.stop()
        #expect(ProcessTable.family(state.marker).isEmpty)
        #expect(!family.contains { ProcessTable.isAlive($0) })
        #expect(mode(of: stack.directory) == nil)
        // Again does nothing.
        await stack.stop()
    }

    @Test func aLastingStackKeepsDataPasswordsAndPorts() async throws {
        try await withStackDirectory { directory in
            let options = DevStackOptions(dataDirectory: directory)
            let first = try await DevStack.start(options, logger: testLogger)
            let before = first.state
            try first.update { $0.services["gateway"] = "http://127.0.0.1:1" }
            #expect(try DevStack.state(directory: directory).services == ["gateway": "http://127.0.0.1:1"])
            try await PostgresControl(before).createDatabase("kept")
            try await BrokerControl(before).createVirtualHosts(["kept"])
            await first.stop()

            let stopped = try await DevStack.status(directory: directory)
            #expect(stopped.phase == .stopped)
            #expect(stopped.ownerPID == nil)
            #expect(!stopped.isHealthy)
            #expect(!stopped.servers.contains { $0.reachable })
            #expect(stopped.services.isEmpty)
            #expect(ProcessTable.family(before.marker).isEmpty)

            let second = try await DevStack.start(options, logger: testLogger)
            let after = second.state
            do {
                #expect(after.marker != before.marker)
                // The same server, whether or not its port was still to be had.
                #expect(after.postgres.password == before.postgres.password)
                #expect(after.rabbitmq.password == before.rabbitmq.password)
                #expect(after.redis.password == before.redis.password)
                let databases = try await PostgresControl(after).execute("SELECT datname FROM pg_database")
                #expect(databases.contains("kept"))
                #expect(try await BrokerControl(after).evaluate("length(rabbit_vhost:list_names())") == "2")
                #expect(try await PostgresControl(after).execute("SHOW fsync") == ["on"])
            } catch {
                await second.stop()
                throw error
            }
            await second.stop()
        }
    }

    @Test func aSecondOwnerIsRefusedAndToldOfTheFirst() async throws {
        try await withStackDirectory { directory in
            let options = DevStackOptions(dataDirectory: directory, servers: [.redis])
            let stack = try await DevStack.start(options, logger: testLogger)
            let refusal = DevStackError.alreadyRunning(directory: directory, pid: getpid())
            await #expect(throws: refusal) { try await DevStack.start(options, logger: testLogger) }
            #expect("\(refusal)".contains("\(getpid())"))
            // Nor may its data be deleted, nor this very process be told to end.
            let running = DevStackError.stillRunning(directory: directory, pid: getpid())
            await #expect(throws: running) { try await DevStack.reset(directory: directory) }
            await #expect(throws: running) { try await DevStack.down(directory: directory) }
            #expect(try await DevStack.status(directory: directory).isHealthy)
            await stack.stop()
        }
    }

    @Test func aServerThatCannotStartIsToldWithItsLogAndNothingIsLeft() async throws {
        try await withStackDirectory { directory in
            let options = DevStackOptions(dataDirectory: directory, servers: [.postgres, .redis])
            await (try DevStack.start(options, logger: testLogger)).stop()
            try writeFileAtomically(
                directory + "/postgres/data/postgresql.conf", Array("nonsense = 1\n".utf8), mode: 0o644)
            let error = await #expect(throws: DevStackError.self) {
                try await DevStack.start(options, logger: testLogger)
            }
            guard case .serverFailed(.postgres, _, let log, let tail) = error else {
                Issue.record("unexpected error \(String(describing: error))")
                return
            }
            #expect(log == directory + "/logs/postgres.log")
            #expect(tail.contains("nonsense"))
            #expect(ProcessTable.family(try DevStack.state(directory: directory).marker).isEmpty)
            #expect(!DevStack.isOwned(directory: directory))
        }
    }

    @Test func aCancelledStartLeavesNothing() async throws {
        try await withStackDirectory { directory in
            let (lines, line) = AsyncStream<String>.makeStream()
            let start = Task {
                try await DevStack.start(DevStackOptions(dataDirectory: directory), logger: testLogger) {
                    line.yield($0)
                }
            }
            // The first server answers long before the broker does.
            for await text in lines where text.contains("is ready") { break }
            start.cancel()
            await #expect(throws: CancellationError.self) { try await start.value }
            #expect(ProcessTable.family(try DevStack.state(directory: directory).marker).isEmpty)
            #expect(!DevStack.isOwned(directory: directory))
            try await DevStack.reset(directory: directory)
        }
    }

    @Test func dataWithoutItsStateIsNotTouched() async throws {
        try await withStackDirectory { directory in
            let options = DevStackOptions(dataDirectory: directory, servers: [.postgres])
            await (try DevStack.start(options, logger: testLogger)).stop()
            unlink(directory + "/state.json")
            let error = await #expect(throws: DevStackError.self) {
                try await DevStack.start(options, logger: testLogger)
            }
            guard case .unusableDirectory(directory, _) = error else {
                Issue.record("unexpected error \(String(describing: error))")
                return
            }
            #expect(PostgresServer.dataVersion(Layout(root: directory)) != nil)
            try await DevStack.reset(directory: directory)
            #expect(PostgresServer.dataVersion(Layout(root: directory)) == nil)
        }
    }

    @Test func aLostPortIsReplaced() async throws {
        try await withPrivateServers([.redis]) { servers in
            let stack = servers.stack
            let port = servers.state.redis.port
            await stack.stop(.redis)
            let thief = try Listener(port: port)
            defer { thief.close() }
            // A server that must come back where it was fails and says why...
            let error = await #expect(throws: DevStackError.self) { try await stack.start(.redis) }
            #expect("\(String(describing: error))".lowercased().contains("address already in use"))
            // ... one that is started for the first time goes elsewhere, and the state file says where.
            try await stack.bringUp(.redis, mayMove: true)
            let moved = try DevStack.state(directory: stack.directory).redis.port
            #expect(moved != port)
            #expect(Probe(port: moved).redis(password: servers.state.redis.password))
        }
    }
}
