import DevStack
import Logging
import Redis
import TestSupport
import Testing

@Suite("A thousand reconnects to Redis", .timeLimit(.minutes(60)))
struct ReconnectTests {
    @Test(
        "Connections cut at any byte of what the server says leave no descriptor, thread or memory behind", .ownThreads)
    func thousand() async throws {
        try await withFixture { fixture in
            let (url, port) = (fixture.redis().url, fixture.stack.state.redis.port)
            // In a process of its own, where nobody else opens anything.
            await #expect(processExitsWith: .success) { [url = url as String, port = port as Int] in
                let proxy = TCPProxy(to: port)
                var configuration = try RedisConfiguration(url: url.replacing(":\(port)", with: ":\(proxy.port)"))
                configuration.commandTimeout = .seconds(20)
                configuration.connectTimeout = .seconds(20)
                configuration.reconnectDelay = .milliseconds(1) ... .milliseconds(2)
                let client = RedisClient(configuration: configuration, logger: .silent)
                let value = String(repeating: "v", count: 1000)
                var (descriptors, memory) = (0, 0)
                for goal in [200, 1000] {
                    while proxy.accepted < goal {
                        // The greeting's answers have some 40 bytes, then comes a value.
                        let number = proxy.accepted
                        proxy.cut(after: number * 7 % 500)
                        _ = try? await client.send(["ECHO", .string(value)])
                        proxy.cut()
                        // One failure each: all errors that a test catches are kept by the library until it ends.
                        try await eventually("it connects anew", interval: .milliseconds(1)) { proxy.accepted > number }
                    }
                    proxy.disarm()
                    try await eventually("it works") { (try? await client.ping()) != nil }
                    if goal == 200 {
                        try await eventually("one connection is left") { proxy.open == 1 }
                        (descriptors, memory) = (ProcessFigures.descriptors(), ProcessFigures.allocatedBytes())
                    }
                }
                try await eventually("descriptors are as before") { ProcessFigures.descriptors() <= descriptors }
                try await eventually("threads are as before") { ProcessFigures.threads(named: "redis") == 1 }
                #expect(ProcessFigures.allocatedBytes() - memory < 4 << 20)
                await client.close()
            }
        }
    }
}
