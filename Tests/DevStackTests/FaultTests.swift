import Glibc
import TestSupport
import Testing

@testable import DevStack

/// Taking single servers away and bringing them back.
@Suite struct FaultTests {
    @Test func everyServerComesBackOnItsPort() async throws {
        try await withPrivateServers { servers in
            let (stack, state) = (servers.stack, servers.state)
            try await servers.fixture.stack.broker.createVirtualHosts(["kept"])
            let probes: [(ServerKind, () -> Bool)] = [
                (
                    .redis,
                    { Probe(port: state.redis.port, timeoutMilliseconds: 60_000).redis(password: state.redis.password) }
                ),
                (.postgres, { Probe(port: state.postgres.port, timeoutMilliseconds: 60_000).postgres() }),
                (.rabbitmq, { Probe(port: state.rabbitmq.port, timeoutMilliseconds: 60_000).rabbitmq() }),
            ]
            for (kind, answers) in probes {
                #expect(answers())
                try await stack.kill(kind)
                #expect(!answers())
                #expect(await stack.processID(of: kind) == nil)
                await #expect(throws: DevStackError.notRunning(kind)) { try await stack.kill(kind) }
                try await stack.start(kind)
                #expect(answers())
                let pid = await stack.processID(of: kind)
                await stack.stop(kind)
                try await stack.start(kind)
                #expect(answers())
                #expect(await stack.processID(of: kind) != pid)
            }
            #expect(stack.state == state)
            // A killed broker has its virtual hosts still.
            #expect(try await servers.fixture.stack.broker.evaluate("length(rabbit_vhost:list_names())") == "2")
        }
    }

    @Test func aPausedServerHangsAndGoesOn() async throws {
        try await withPrivateServers([.postgres, .redis]) { servers in
            let port = servers.state.postgres.port
            let hasty = Probe(port: port, timeoutMilliseconds: 200)
            let patient = Probe(port: port, timeoutMilliseconds: 30_000)
            try await servers.stack.pause(.postgres)
            // The kernel still accepts, the server does not answer.
            #expect(patient.accepts())
            #expect(!hasty.postgres())
            try await servers.stack.resume(.postgres)
            try await eventually("PostgreSQL to answer") { patient.postgres() }
            // A paused server can be stopped too.
            try await servers.stack.pause(.redis)
            await servers.stack.stop(.redis)
            await #expect(throws: DevStackError.notRunning(.redis)) { try await servers.stack.resume(.redis) }
        }
    }

    @Test func aCrashIsReportedAndAStopIsNot() async throws {
        try await withPrivateServers([.redis]) { servers in
            let pid = try #require(await servers.stack.processID(of: .redis))
            Glibc.kill(pid, SIGKILL)
            var reports = servers.stack.unexpectedExits.makeAsyncIterator()
            let crash = try #require(await reports.next())
            #expect(crash.server == .redis)
            #expect(crash.status.contains("\(SIGKILL)"))
            #expect(crash.log.hasSuffix("/logs/redis.log"))
            // The next report is that of the server that ends by itself, not those of stops.
            try await servers.stack.start(.redis)
            await servers.stack.stop(.redis)
            try await servers.stack.start(.redis)
            let last = try #require(await servers.stack.processID(of: .redis))
            Glibc.kill(last, SIGQUIT)
            let second = try #require(await reports.next())
            #expect(second.status.contains("\(SIGQUIT)"))
        }
    }
}
