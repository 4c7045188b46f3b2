import FoundationEssentials
import RabbitMQ
import Testing

@Suite("Round trip", .timeLimit(.minutes(60)))
struct RoundTripTests {
    /// Sends a message through a queue and takes it out again.
    private func roundTrip(_ body: [UInt8], _ properties: MessageProperties) async throws -> Delivery {
        var result: Delivery?
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let outcome = try await broker.publisher().publish(
                RabbitMQMessage(exchange: "", routingKey: "q", body: body, properties: properties))
            #expect(outcome == .confirmed)
            let batch = try await broker.consumer("q").oneBatch()
            try await batch.ack()
            result = batch.deliveries.first
        }
        return try #require(result)
    }

    @Test("Every property and every type of header value comes back as it was")
    func everything() async throws {
        let properties = MessageProperties(
            contentType: "application/json", contentEncoding: "identity", messageID: "id-1", correlationID: "saga-1",
            type: "saga.order-placement.try", appID: "orders", replyTo: "answers",
            timestamp: Date(timeIntervalSince1970: 1_700_000_000), persistent: true, priority: 3,
            expiration: .milliseconds(60_000),
            headers: [
                "string": "grün ✓", "empty": "", "int": 42, "negative": .int(.min), "large": .int(.max),
                "true": true, "false": false, "double": .double(-0.1), "null": .null,
                "timestamp": .timestamp(Date(timeIntervalSince1970: 1_600_000_000)),
                "bytes": .bytes([0, 255, 1, 254]), "no bytes": .bytes([]), "no table": .table([:]),
                "no array": .array([]),
                "table": .table(["a": 1, "deeper": .table(["b": .array(["c", 2, .null, .table(["d": false])])])]),
                "array": .array(["x", 1, .double(2.5), .bytes([9])]),
                String(repeating: "k", count: 255): "the longest key",
            ])
        let delivery = try await roundTrip([1, 2, 3], properties)
        #expect(delivery.properties == properties)
        #expect(delivery.body == [1, 2, 3])
        #expect(delivery.exchange.isEmpty)
        #expect(delivery.routingKey == "q")
        #expect(!delivery.redelivered)
    }

    @Test("Properties that are not set stay unset, and a message may be transient")
    func nothing() async throws {
        let properties = MessageProperties(persistent: false)
        #expect(try await roundTrip([1], properties).properties == properties)
    }

    @Test("Bodies of any size", arguments: [0, 1, 131_064, 131_065, 1_048_576, 3_000_001])
    func bodies(size: Int) async throws {
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        #expect(try await roundTrip(body, MessageProperties(messageID: "m")).body == body)
    }

    @Test("Headers that just fit a frame")
    func largeHeaders() async throws {
        let value = HeaderValue.string(String(repeating: "h", count: 120_000))
        let delivery = try await roundTrip([], MessageProperties(headers: ["h": value]))
        #expect(delivery.properties.headers == ["h": value])
    }
}
