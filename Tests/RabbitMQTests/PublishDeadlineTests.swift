import RabbitMQ
import TestSupport
import Testing

@Suite("Deadlines of publishes", .timeLimit(.minutes(60)))
struct PublishDeadlineTests {
    private func failure(_ operation: () async throws -> PublishOutcome) async -> RabbitMQError? {
        do {
            _ = try await operation()
            return nil
        } catch {
            return error as? RabbitMQError
        }
    }

    @Test("A deadline and a cancellation end a call while the connection is being made")
    func connecting() async throws {
        try await withBroker { broker in
            var (proxy, configuration) = try broker.proxy()
            configuration.connectTimeout = .seconds(600)
            proxy.pause()
            let publisher = broker.publisher(configuration)
            let error = await failure {
                try await publisher.publish(message(to: "q", "a"), timeout: .milliseconds(200))
            }
            #expect(error?.kind == .connectionFailed)
            #expect(error?.isOutcomeUnknown == false)

            let waiting = Task { try await publisher.publish(message(to: "q", "b"), timeout: .seconds(600)) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
    }

    @Test("A broker that stops reading ends no call later than its deadline, those behind it included")
    func notReading() async throws {
        try await withBroker { broker in
            var (proxy, configuration) = try broker.proxy()
            configuration.heartbeat = .zero
            configuration.socketTimeout = .seconds(600)
            try await broker.admin.declareQueue("q")
            let publisher = broker.publisher(configuration)
            _ = try await publisher.publish(message(to: "q", "a"))
            proxy.pause()
            let large = RabbitMQMessage(exchange: "", routingKey: "q", body: Array(repeating: 1, count: 64 << 20))
            async let sending = failure { try await publisher.publish(large, timeout: .seconds(6)) }
            let cancelled = Task { try await publisher.publish(message(to: "q", "b"), timeout: .seconds(600)) }
            let behind = await failure {
                try await publisher.publish(message(to: "q", "c"), timeout: .milliseconds(300))
            }
            #expect(behind?.kind == .timeout)
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            let first = await sending
            #expect(first?.kind == .timeout)
            #expect(first?.isOutcomeUnknown == true)
        }
    }

    @Test("A cancelled look at a queue does not wait for the broker")
    func admin() async throws {
        try await withBroker { broker in
            var (proxy, configuration) = try broker.proxy()
            configuration.connectTimeout = .seconds(600)
            proxy.pause()
            let admin = RabbitMQAdmin(configuration: configuration, logger: quietLogger)
            let waiting = Task { try await admin.checkQueue("q") }
            try await eventually("the connection is begun") { proxy.accepted > 0 }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            await admin.close()
        }
    }
}
