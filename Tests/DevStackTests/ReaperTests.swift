import Glibc
import Subprocess
import TestSupport
import Testing

@testable import DevStack

@Suite struct ReaperTests {
    private func sleeper(marker: String, _ script: String = "exec sleep 600") async throws -> ChildProcess {
        let command = Command(
            program: "/bin/sh", arguments: ["-c", script],
            environment: ["PATH": "/usr/bin:/bin", DevStackState.markerVariable: marker], directory: "/")
        return try await ChildProcess.start(command, log: "/dev/null")
    }

    @Test func onlyTheMarkedAndTheirDescendantsAreEnded() async throws {
        let (mine, other) = (randomHex(bytes: 8), randomHex(bytes: 8))
        let marked = try await sleeper(marker: mine)
        // The grandchild has lost the marker, as PostgreSQL's backends have.
        let parent = try await sleeper(marker: mine, "env -i sleep 600; true")
        // One marker is the beginning of the other.
        let innocent = try await sleeper(marker: mine + "0")
        let stranger = try await sleeper(marker: other)
        defer {
            innocent.send(SIGKILL)
            stranger.send(SIGKILL)
        }
        let grandchild = try await eventuallyValue("the grandchild") {
            ProcessTable.withDescendants([parent.pid]).first { $0 != parent.pid && ProcessTable.command($0) == "sleep" }
        }
        #expect(!ProcessTable.marked(mine).contains(grandchild))
        let count = await offPool { Reaper.reap(marker: mine, manner: .immediate) }
        #expect(count == 3)
        await marked.ended()
        await parent.ended()
        #expect(!ProcessTable.isAlive(grandchild))
        #expect(ProcessTable.isAlive(innocent.pid))
        #expect(ProcessTable.isAlive(stranger.pid))
        #expect(await offPool { Reaper.reap(marker: mine, manner: .orderly) } == 0)
    }

    @Test func aProcessIsKnownByItsStart() async throws {
        let child = try await sleeper(marker: randomHex(bytes: 8))
        #expect(ProcessTable.parent(of: child.pid) == getpid())
        #expect(ProcessTable.startTicks(child.pid) ?? 0 >= ProcessTable.startTicks(getpid()) ?? .max)
        try await eventually("sh to become sleep") { ProcessTable.command(child.pid) == "sleep" }
        child.send(SIGKILL)
        #expect(await child.ended(within: .seconds(30)))
        #expect(child.status == .signaled(SIGKILL))
        #expect(!ProcessTable.isAlive(child.pid))
    }

    @Test func waitingForAChildEndsWithTheTask() async throws {
        let child = try await sleeper(marker: randomHex(bytes: 8))
        defer { child.send(SIGKILL) }
        let waiting = Task { await child.ended() }
        waiting.cancel()
        #expect(await !waiting.value)
        #expect(await !child.ended(within: .milliseconds(1)))
    }

    @Test func aLockHasOneHolder() throws {
        let path = "/tmp/devstack-tests-\(randomHex(bytes: 6)).lock"
        defer { unlink(path) }
        #expect(try DirectoryLock.acquire(path, create: false) == nil)
        let lock = try #require(try DirectoryLock.acquire(path))
        #expect(DirectoryLock.isHeld(path))
        #expect(try DirectoryLock.acquire(path) == nil)
        lock.release()
        #expect(!DirectoryLock.isHeld(path))
    }

    @Test func aToolThatFailsSaysWhatItSaid() async throws {
        let command = Command(
            program: "/bin/sh", arguments: ["-c", "echo out of cheese >&2; exit 3"], environment: [:], directory: "/")
        let error = await #expect(throws: DevStackError.self) { try await command.output() }
        #expect("\(try #require(error))".contains("out of cheese"))
        let missing = Command(program: "/nonexistent/tool", directory: "/")
        await #expect(throws: DevStackError.self) { try await missing.output() }
        await #expect(throws: DevStackError.self) { try await ChildProcess.start(missing, log: "/dev/null") }
    }

    @Test func aToolThatEndsWithItsTaskIsNoFailure() async throws {
        let sign = "/tmp/devstack-tests-\(randomHex(bytes: 6)).sign"
        defer { unlink(sign) }
        let command = Command(
            program: "/bin/sh", arguments: ["-c", "echo >\(sign); exec sleep 600"],
            environment: ["PATH": "/usr/bin:/bin"], directory: "/")
        let running = Task { try await command.output() }
        try await eventually("the tool runs") { mode(of: sign) != nil }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
    }
}
