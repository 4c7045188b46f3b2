import Glibc
import Subprocess
import TestSupport
import Testing

@testable import DevStack

/// What becomes of the servers when their owner is killed.
@Suite struct OwnerDeathTests {
    @Test func theWatchdogEndsTheServersAndDeletesAnEphemeralDirectory() async throws {
        let owner = try await OwnerProcess.start(nil, servers: ServerKind.allCases)
        let family = ProcessTable.family(owner.state.marker)
        #expect(family.count > 5)
        try await owner.die(withWatchdog: false)
        // Whoever listens on its ports afterwards is a stranger that was given them anew.
        try await eventually("all to be gone") {
            !family.contains(where: ProcessTable.isAlive) && mode(of: owner.directory) == nil
                && ProcessTable.family(owner.state.marker).isEmpty
        }
    }

    @Test func theWatchdogStopsALastingStackInOrder() async throws {
        try await withStackDirectory { directory in
            let owner = try await OwnerProcess.start(directory)
            let family = ProcessTable.family(owner.state.marker)
            try await owner.die(withWatchdog: false)
            try await eventually("all to be gone") { !family.contains(where: ProcessTable.isAlive) }
            let log = String(decoding: readSmallFile(directory + "/logs/postgres.log") ?? [], as: UTF8.self)
            #expect(log.contains("database system is shut down"))
            #expect(PostgresServer.dataVersion(Layout(root: directory)) != nil)
        }
    }

    @Test func theNextStartReapsExactlyWhatADeadOwnerLeft() async throws {
        try await withStackDirectory { directory in
            let owner = try await OwnerProcess.start(directory)
            try await PostgresControl(owner.state).createDatabase("kept")
            let orphans = ProcessTable.family(owner.state.marker).filter { ProcessTable.command($0) != "sh" }

            try await withPrivateServers([.postgres, .redis]) { innocent in
                let others = [
                    try #require(await innocent.stack.processID(of: .postgres)),
                    try #require(await innocent.stack.processID(of: .redis)),
                ]
                try await owner.die(withWatchdog: true)
                // Nobody has cleaned up, and the directory is free.
                #expect(orphans.contains(where: ProcessTable.isAlive))
                #expect(Probe(port: owner.state.redis.port).redis(password: owner.state.redis.password))
                #expect(!DevStack.isOwned(directory: directory))

                let options = DevStackOptions(dataDirectory: directory, servers: [.postgres, .redis])
                let stack = try await DevStack.start(options, logger: testLogger)
                #expect(!orphans.contains(where: ProcessTable.isAlive))
                #expect(others.allSatisfy(ProcessTable.isAlive))
                #expect(try await DevStack.status(directory: innocent.state.directory).isHealthy)
                let databases = try await PostgresControl(stack.state).execute("SELECT datname FROM pg_database")
                #expect(databases.contains("kept"))
                await stack.stop()
            }
        }
    }

    @Test func anyStartReapsAbandonedEphemeralStacks() async throws {
        let owner = try await OwnerProcess.start(nil, servers: [.redis])
        let orphans = ProcessTable.family(owner.state.marker)
        try await owner.die(withWatchdog: true)
        let stack = try await DevStack.start(DevStackOptions(ephemeral: true, servers: [.redis]), logger: testLogger)
        await stack.stop()
        // A start of another test may be at it just now.
        try await eventually("all to be gone") {
            !orphans.contains(where: ProcessTable.isAlive) && mode(of: owner.directory) == nil
        }
    }

    @Test func downEndsWhatADeadOwnerLeft() async throws {
        try await withStackDirectory { directory in
            let owner = try await OwnerProcess.start(directory)
            let orphans = ProcessTable.family(owner.state.marker)
            try await owner.die(withWatchdog: true)
            #expect(try await DevStack.down(directory: directory))
            #expect(!orphans.contains(where: ProcessTable.isAlive))
            #expect(try DevStack.state(directory: directory).phase == .stopped)
            // Twice is no error, and says that there was nothing to do.
            #expect(try await !DevStack.down(directory: directory))
        }
    }

    @Test func downTellsALivingOwnerAndWaits() async throws {
        try await withStackDirectory { directory in
            let owner = try await OwnerProcess.start(directory, servers: [.redis])
            #expect(try await DevStack.status(directory: directory).ownerPID == owner.child.pid)
            #expect(try await DevStack.down(directory: directory))
            #expect(!DevStack.isOwned(directory: directory))
            await owner.stop()
            #expect(owner.child.status?.isSuccess == true)
            try await DevStack.reset(directory: directory)
            #expect(throws: DevStackError.noStack(directory: directory)) {
                try DevStack.state(directory: directory)
            }
        }
    }

    /// As anyone else than root, every other test of this target runs unprivileged anyway.
    @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
    func aUserCanRunAStack() async throws {
        let nobody: UInt32 = 65_534
        let owner = try await OwnerProcess.start(
            nil, servers: ServerKind.allCases, user: nobody, environment: ["HOME": "/nonexistent"])
        let family = ProcessTable.family(owner.state.marker)
        for pid in family {
            var status = stat()
            // A backend may have come and gone since.
            if stat("/proc/\(pid)", &status) == 0 { #expect(status.st_uid == nobody || !ProcessTable.isAlive(pid)) }
        }
        #expect(try await DevStack.status(directory: owner.directory).servers.allSatisfy(\.reachable))
        await owner.stop()
        #expect(owner.child.status?.isSuccess == true)
        #expect(!family.contains(where: ProcessTable.isAlive))
        #expect(mode(of: owner.directory) == nil)
    }
}
