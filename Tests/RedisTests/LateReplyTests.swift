import DevStack
import DriverSupport
import Logging
import TestSupport
import Testing

@testable import Redis

@Suite("Redis replies that arrive while nobody looks", .serialized, .timeLimit(.minutes(60)))
struct LateReplyTests {
    @Test("A reply that lies in the socket when its deadline is judged is delivered", arguments: [1, 40_000])
    func inTheKernel(bytes: Int) async throws {
        var timeout = Duration.seconds(2)
        // On a busy machine its time may be over before it is sent: the next one has more.
        try await eventually("a command is sent in time") {
            timeout *= 2
            return try await expectDelivery(of: bytes, within: timeout)
        }
    }

    /// Whether a command is sent within its time; the reply to one that is sent is expected.
    private func expectDelivery(of bytes: Int, within timeout: Duration) async throws -> Bool {
        try await withFixture { fixture in
            let proxy = TCPProxy(to: fixture.stack.state.redis.port)
            fixture.atEnd { proxy.close() }
            let url = fixture.redis().url.replacing(":\(fixture.stack.state.redis.port)", with: ":\(proxy.port)")
            var configuration = try RedisConfiguration(url: url)
            configuration.commandTimeout = timeout
            configuration.connectTimeout = .seconds(20)
            let mailbox = RedisMailbox()
            let loop = RedisLoop(
                configuration: configuration, mailbox: mailbox, metrics: RedisMetrics(), logger: .silent)
            try await eventually("connected") {
                #expect(loop.work())
                if !loop.isUp { loop.waitForEvents() }
                return loop.isUp
            }

            proxy.pause([.toClient])
            let value = String(repeating: "v", count: bytes)
            let request = RedisRequest(
                RedisCommands([["ECHO", .string(value)]]), timeout: configuration.commandTimeout)
            let handedIn = AsyncStream.makeStream(of: Void.self)
            let reply = Task {
                try await withUnsafeThrowingContinuation { continuation in
                    if request.wait(continuation) { mailbox.submit(request) }
                    handedIn.continuation.finish()
                }
            }
            // The loop blocks this thread: the task may be waiting for it.
            for await _ in handedIn.stream {}
            // Sends it, and then looks no more until its deadline has passed.
            let sent = proxy.clientBytes
            try await eventually("it is sent") {
                #expect(loop.work())
                return proxy.clientBytes >= sent + bytes || request.isFinished
            }
            if request.isFinished {
                _ = try? await reply.value
                mailbox.shutDown()
                return false
            }
            try await eventually("its deadline has passed") { request.deadline <= .now }
            #expect(!request.isFinished)
            proxy.resume()
            try await eventually("the reply has arrived") { loop.unreadBytes >= bytes }
            #expect(loop.work())
            #expect(try await reply.value == .one(.bytes(Array(value.utf8))))
            mailbox.shutDown()
            return true
        }
    }
}
