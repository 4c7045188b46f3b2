import DriverSupport
import Glibc
import Testing

@testable import RabbitMQ

@Suite("Watchdog", .timeLimit(.minutes(60)))
struct WatchdogTests {
    /// Runs a call that hangs until its socket is shut down; returns when it has come back.
    private func hang(limit: Duration, _ meanwhile: @escaping @Sendable (BrokerSocket) -> Void) async throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (near, far) = (ends[0], ends[1])
        let socket = try BrokerSocket(duplicating: near, callLimit: limit)
        let thread = try OwningThread.start(name: "test-hang") {
            var byte: UInt8 = 0
            // Nobody ever writes.
            _ = socket.guarded { recv(near, &byte, 1, 0) }
        }
        meanwhile(socket)
        await thread.waitUntilEnded()
        socket.close()
        close(near)
        close(far)
    }

    @Test("A call that takes longer than it may is ended from outside")
    func limit() async throws {
        try await hang(limit: .milliseconds(10)) { _ in }
    }

    @Test("Who wants to close can shorten a call that is under way")
    func hurry() async throws {
        try await hang(limit: .seconds(3600)) { $0.hurry(.milliseconds(10)) }
    }

    @Test("A closed socket cannot hit another that got its number")
    func closed() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let socket = try BrokerSocket(duplicating: ends[0], callLimit: .seconds(1))
        socket.close()
        socket.interrupt()
        var byte: UInt8 = 7
        #expect(send(ends[0], &byte, 1, Int32(MSG_NOSIGNAL)) == 1)
        close(ends[0])
        close(ends[1])
    }
}
