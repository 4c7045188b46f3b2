import DevStack
import RabbitMQ
import TestSupport
import Testing

@Suite("Publisher of a blocked broker", .timeLimit(.minutes(60)))
struct BlockedPublisherTests {
    @Test("An alarm is seen, ends waiting with an error that tells why, and passes")
    func alarm() async throws {
        try await withPrivateServers([.rabbitmq]) { servers in
            let broker = try await brokerFixture(servers.fixture)
            try await broker.admin.declareQueue("q")
            let publisher = broker.publisher()
            _ = try await publisher.publish(message(to: "q", "before"))

            let alarm = "{{resource_limit, memory, node()}, []}"
            try await servers.fixture.stack.broker.evaluate("rabbit_alarm:set_alarm(\(alarm))")
            // The broker blocks a connection when it publishes and the alarm has reached it: those before get through,
            // the last one is sent and gets no confirm.
            var sent: [Task<PublishOutcome, any Error>] = []
            try await eventually("blocked") {
                if publisher.isBlocked { return true }
                sent.append(Task { try await publisher.publish(message(to: "q", "sent"), timeout: .seconds(60)) })
                return false
            }
            // This one is not even sent.
            do {
                _ = try await publisher.publish(message(to: "q", "unsent"), timeout: .milliseconds(200))
                Issue.record("no error")
            } catch let error as RabbitMQError {
                #expect(error.kind == .blocked)
                #expect(!error.isOutcomeUnknown)
            }
            let patient = Task { try await publisher.publish(message(to: "q", "patient"), timeout: .seconds(60)) }
            try await servers.fixture.stack.broker.evaluate(
                "rabbit_alarm:clear_alarm({resource_limit, memory, node()})")
            #expect(try await patient.value == .confirmed)
            for task in sent { #expect(try await task.value == .confirmed) }
            #expect(!publisher.isBlocked)
            #expect(try await broker.admin.checkQueue("q").messages == 2 + sent.count)
        }
    }

    @Test("Calls that have given up on a blocked broker keep no bodies in memory", .ownThreads)
    func bodies() async throws {
        try await withPrivateServers([.rabbitmq]) { servers in
            let broker = try await brokerFixture(servers.fixture)
            try await broker.admin.declareQueue("q")
            let alarm = "{{resource_limit, memory, node()}, []}"
            try await servers.fixture.stack.broker.evaluate("rabbit_alarm:set_alarm(\(alarm))")
            let url = broker.virtualHost.url
            // In a process of its own, whose memory nobody else uses.
            await #expect(processExitsWith: .success) { [url = url as String] in
                let publisher = RabbitMQPublisher(
                    configuration: try RabbitMQConfiguration(url: url), logger: quietLogger)
                try await eventually("blocked") {
                    if publisher.isBlocked { return true }
                    _ = await errorKind {
                        try await publisher.publish(message(to: "q", "sent"), timeout: .milliseconds(50))
                    }
                    return false
                }
                let before = ProcessFigures.allocatedBytes()
                for number in 0..<64 {
                    let large = RabbitMQMessage(
                        exchange: "", routingKey: "q", body: Array(repeating: UInt8(number), count: 8 << 20))
                    let kind = await errorKind { try await publisher.publish(large, timeout: .milliseconds(1)) }
                    #expect(kind == .blocked)
                }
                #expect(ProcessFigures.allocatedBytes() - before < 128 << 20)
            }
        }
    }
}
