import FoundationEssentials
import TestSupport
import Testing

@testable import Events
@testable import RabbitMQ

/// Deliveries that no service of the shop sends: each is read or refused, and goes on to where messages go. A trap
/// would end the test run.
@Suite("Fuzz: messages", .timeLimit(.minutes(60)))
struct MessageFuzzTests {
    private static let texts = [
        "", "test.happened", "test.happened.batch", ".batch", "no UUID", "a\0b", "e\u{301}",
        String(repeating: "x", count: 255),
        "6F9619FF-8B86-D011-B42D-00C04FC964FF",
    ]
    private static let numbers: [Int64] = [.min, .min + 1, -1, 0, 1, 10, 1 << 53, .max - 1, .max]
    private static let headers = [
        "shop-attempt", "shop-last-error", "shop-causation-id", "shop-routing-key", "traceparent", "shop-failures",
        "shop-failing-since", "shop-failed-at", "shop-gave-up-at", "shop-gave-up-reason", "shop-dead-reason",
        "shop-dead-at", "shop-dead-at-us", "CC", "x-death", "x-delivery-count",
    ]

    private struct Body: Codable {
        var schema_version = SchemaVersion()
        var names = ["a", "b"]
        var number: Int64? = 7
    }

    @Test("Properties, headers, bodies and batches of any kind are read, refused, moved and restored")
    func deliveries() throws {
        let run = FuzzRun("messages", cases: 5_000)
        var read = 0
        for index in 0..<run.cases {
            var random = run.random(index)
            let delivery = try Self.delivery(&random)
            let rejection = MessageRejection(.undecodable, Self.texts.randomElement(using: &random) ?? "")
            let letter = DeadLetter.message(delivery.properties, delivery.body, rejection: rejection, service: "tests")
            _ = DeadLetter.restored(letter.properties, letter.body, to: "tests.inbox.v2", isReplayed: true)
            guard let envelopes = try? WireFormat.envelopes(delivery) else { continue }
            read += 1
            for envelope in envelopes {
                #expect((0...1_000_000).contains(envelope.attempt))
                _ = try? envelope.decode(Body.self)
                let again = WireFormat.message(envelope, exchange: "", routingKey: "tests.inbox.v2")
                #expect(again.properties.headers["shop-attempt"] == .int(Int64(envelope.attempt)))
            }
            if envelopes.count > 1 { #expect(!MessageBatch.shares(of: envelopes).isEmpty) }
        }
        #expect(read > run.cases / 10, "the fuzz never gets anywhere")
    }

    private static func delivery(_ random: inout SeededGenerator) throws -> Delivery {
        let whole = (0..<random.int(1...4)).map { number in
            Envelope(
                messageID: UUID(), type: "test.happened", correlationID: UUID(), appID: "test",
                timestamp: Date(timeIntervalSince1970: Double(random.pick(Self.numbers) / 1_000_000)),
                body: Array(#"{"number":\#(number),"schema_version":1}"#.utf8))
        }
        let envelope = whole.count == 1 ? whole[0] : try MessageBatch.envelope(of: whole)
        var properties = WireFormat.message(envelope, exchange: "", routingKey: "tests.inbox.v2").properties
        var body = envelope.body
        switch random.below(6) {
        case 0: properties.messageID = random.chance(oneIn: 3) ? nil : random.pick(texts)
        case 1: properties.correlationID = random.pick(texts)
        case 2: properties.type = random.chance(oneIn: 3) ? nil : random.pick(texts)
        case 3: properties.appID = random.chance(oneIn: 3) ? nil : random.pick(texts)
        default: break
        }
        if random.chance(oneIn: 3) {
            for name in headers[...9] where random.chance(oneIn: 2) {
                properties.headers[name] = .int(random.pick(numbers))
            }
        }
        for _ in 0..<random.below(4) { properties.headers[random.pick(headers)] = value(&random, depth: 0) }
        switch random.below(4) {
        case 0: body = Array(body.prefix(random.below(body.count)))
        case 1:
            for _ in 0..<random.int(1...4) where !body.isEmpty {
                body[random.below(body.count)] = random.pick([0, 10, 34, 92, 123, 125, 255])
            }
        case 2:
            // A number in its place, or one that no integer holds; nesting without an end.
            let text = String(decoding: body, as: UTF8.self)
            let number = random.pick(["\(random.pick(numbers))", "1e308", "-0.5", "9223372036854775808", "null", "[]"])
            let nested = String(repeating: random.pick(["[", #"{"a":"#]), count: random.int(1...5_000))
            body = Array(
                text.replacing(
                    "\"schema_version\":1", with: "\"schema_version\":\(random.chance(oneIn: 4) ? nested : number)"
                )
                .replacing("\"timestamp\":", with: "\"timestamp\":\(random.chance(oneIn: 2) ? "" : "-9")").utf8)
        default: break
        }
        return Delivery(
            DeliveryInfo(deliveryTag: 1, redelivered: false, exchange: "", routingKey: random.pick(texts)), properties,
            body)
    }

    private static func value(_ random: inout SeededGenerator, depth: Int) -> HeaderValue {
        switch random.below(depth > 3 ? 6 : 8) {
        case 0: .string(random.pick(texts))
        case 1: .int(random.pick(numbers))
        case 2: .bool(random.chance(oneIn: 2))
        case 3: .double(random.pick([.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 0]))
        case 4: .timestamp(Date(wireSeconds: random.pick([0, 1, 1 << 53, .max])))
        case 5: random.chance(oneIn: 2) ? .null : .bytes(random.bytes(random.below(9)))
        case 6: .array((0..<random.below(4)).map { _ in value(&random, depth: depth + 1) })
        default: .table([random.pick(headers): value(&random, depth: depth + 1)])
        }
    }
}
