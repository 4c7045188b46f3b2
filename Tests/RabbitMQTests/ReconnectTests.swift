import RabbitMQ
import TestSupport
import Testing

@Suite("A thousand reconnects to RabbitMQ", .timeLimit(.minutes(60)))
struct ReconnectTests {
    @Test(
        "Connections cut at any byte of what the broker says leave no descriptor, thread or memory behind", .ownThreads)
    func thousand() async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q", arguments: ["x-max-length": 10])
            let (url, port) = (broker.virtualHost.url, broker.configuration.port)
            // In a process of its own, where nobody else opens anything.
            await #expect(processExitsWith: .success) { [url = url as String, port = port as Int] in
                let proxy = TCPProxy(to: port)
                var configuration = try RabbitMQConfiguration(
                    url: url.replacing(":\(port)/", with: ":\(proxy.port)/"))
                configuration.reconnectDelay = .milliseconds(1) ... .milliseconds(2)
                let publisher = RabbitMQPublisher(configuration: configuration, logger: quietLogger)
                var (descriptors, memory) = (0, 0)
                for goal in [200, 1000] {
                    while proxy.accepted < goal {
                        // Greeting, tuning, opening and the first confirm come to some 700 bytes.
                        let number = proxy.accepted
                        proxy.cut(after: number * 7 % 800)
                        _ = await errorKind { try await publisher.publish(message(to: "q", "a")) }
                        proxy.cut()
                        // One failure each: all errors that a test catches are kept by the library until it ends.
                        try await eventually("it connects anew", interval: .milliseconds(1)) { proxy.accepted > number }
                    }
                    proxy.disarm()
                    try await eventually("it works") {
                        (try? await publisher.publish(message(to: "q", "b"))) == .confirmed
                    }
                    if goal == 200 {
                        try await eventually("one connection is left") { proxy.open == 1 }
                        (descriptors, memory) = (ProcessFigures.descriptors(), ProcessFigures.allocatedBytes())
                    }
                }
                try await eventually("descriptors are as before") { ProcessFigures.descriptors() <= descriptors }
                try await eventually("threads are as before") { ProcessFigures.threads(named: "mq-") <= 2 }
                #expect(ProcessFigures.allocatedBytes() - memory < 4 << 20)
                await publisher.close()
            }
        }
    }
}
