import RabbitMQ
import Testing

@testable import Events

@Suite struct RetryPolicyTests {
    @Test func delaysGrowAndEnd() {
        let policy = RetryPolicy.standard
        #expect(policy.delay(afterFailures: 1) == .fiveSeconds)
        #expect(policy.delay(afterFailures: 4) == .thirtySeconds)
        #expect(policy.delay(afterFailures: 10) == .fiveMinutes)
        #expect(policy.delay(afterFailures: 11) == nil)
    }

    @Test func aDelayIsItsQueuesTTL() {
        let topology = ServiceTopology(service: "products", bindings: ["a.b"])
        let queues = Dictionary(uniqueKeysWithValues: topology.queues.map { ($0.name, $0) })
        #expect(queues.count == 5)
        #expect(queues["products.retry.30s.v2"]?.arguments["x-message-ttl"] == .int(30_000))
        #expect(queues["products.retry.30s.v2"]?.arguments["x-overflow"] == .string("reject-publish"))
        #expect(queues["products.inbox.v2"]?.bindings.map(\.routingKey) == ["a.b"])
    }
}
