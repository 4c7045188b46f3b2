import Glibc
import TestSupport
import Testing

@testable import DevStack

/// The ports of what a stack's owner serves are chosen once.
@Suite struct OwnPortTests {
    @Test func aPortThatWasChosenIsChosenAgain() async throws {
        try await withStackDirectory { directory in
            let options = DevStackOptions(dataDirectory: directory, servers: [.redis])
            let usual = try FreePort.choose()
            let thief = try Listener(port: usual)
            let first = try await DevStack.start(options, logger: testLogger)
            let gateway = try first.choosePort(for: "gateway", usual: usual)
            let admin = try first.choosePort(for: "admin", usual: gateway)
            #expect(Set([usual, gateway, admin]).count == 3)
            #expect(try first.choosePort(for: "gateway", usual: usual) == gateway)
            await first.stop()

            // The usual one is free again, and stays the usual one of others.
            thief.close()
            let second = try await DevStack.start(options, logger: testLogger)
            let again = try second.choosePort(for: "gateway", usual: usual)
            await second.stop()
            #expect(again == gateway)
            #expect(try DevStack.state(directory: directory).ownPorts == ["gateway": gateway, "admin": admin])
        }
    }

    /// Whoever was told of a port may not have bound it yet, or is about to bind it again.
    @Test func noPortIsChosenTwice() throws {
        let ports = try (0..<2_000).map { _ in try FreePort.choose() }
        #expect(Set(ports).count == ports.count)
    }

    @Test func aServerThatLostItsPortLeavesTheOthersTheirs() throws {
        var state = try DevStackState.fresh(
            root: "/tmp/somewhere", options: DevStackOptions(ephemeral: true), previous: nil)
        let thief = try Listener(port: state.postgres.port)
        defer { thief.close() }
        state.ownPorts = ["gateway": try FreePort.choose(avoiding: state.serverPorts)]
        let next = try DevStackState.fresh(root: "/tmp/somewhere", options: DevStackOptions(), previous: state)
        #expect(next.postgres.port != state.postgres.port)
        #expect(next.rabbitmq == state.rabbitmq && next.redis == state.redis && next.ownPorts == state.ownPorts)
    }
}
