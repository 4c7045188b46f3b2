import FoundationEssentials
import Postgres
import RabbitMQ
import ShopContracts
import ShopHarness
import ShopProtos
import TestSupport
import Testing

@testable import Events
@testable import Sagas

/// Bodies that no service of the shop sends, in messages of every type that a service takes: the shop goes on, and what
/// cannot be read is a dead letter. A trap would end the test run.
@Suite("Fuzz: bodies of messages", .serialized, .timeLimit(.minutes(60)))
struct BodyFuzzTests {
    private static let numbers: [Int64] = [.min, .min + 1, -1, 0, 6, 1 << 53, .max - 1, .max]
    private static let texts = ["", "a\0b", "\u{202E}", "e\u{301}", "accepted", "customers", "RUB", "nobody"]

    @Test("Whatever a body says, the queues go on, and goods and money are where they were")
    func bodies() async throws {
        let run = FuzzRun("bodies of messages", cases: 400)
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 1_000_000)
            try await shop.topUp(7, 100_000)
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            /// How many are surely unreadable, by the queue that they end in.
            var unreadable: [String: Int] = [:]
            for start in stride(from: 0, to: run.cases, by: 100) {
                var inboxes: [String: [Envelope]] = [:]
                for index in start..<min(start + 100, run.cases) {
                    var random = run.random(index)
                    let service = random.pick(Shop.topology.services)
                    let type = random.pick(service.bindings)
                    let (message, isUnreadable) = try Self.message(type, product, &random)
                    inboxes[service.inbox, default: []].append(message)
                    if isUnreadable { unreadable[service.dead, default: 0] += 1 }
                }
                for (inbox, messages) in inboxes { try await shop.announce(messages, to: inbox) }
            }
            #expect(!unreadable.isEmpty, "the fuzz never gets anywhere")
            for service in Shop.topology.services {
                try await eventually("\(service.service) has seen to all") {
                    let dead = try await admin.checkQueue(service.dead).messages
                    let left = try await admin.checkQueue(service.inbox).messages
                    return dead >= unreadable[service.dead, default: 0] && left == 0
                }
            }
            await admin.close()
            #expect(try await shop.buy(7, product).state == "confirmed")
            // What was accepted in sagas that nobody has begun is taken back.
            try await eventually("one was bought, and nothing else is held, reserved or gone") {
                let stock = try await shop.number(
                    "SELECT count(*) FROM products WHERE id = \(product) AND amount = 999999 AND reserved = 0",
                    shop.productsDB)
                let balance = try await shop.balance(7)
                let difference = try await shop.number(
                    "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries", shop.customersDB)
                return stock == 1 && balance == (99_900, 0) && difference == 0
            }
        }
    }

    /// A message of a type, damaged; and whether nobody can read it.
    private static func message(
        _ type: String, _ product: Int64, _ random: inout SeededGenerator
    ) throws -> (Envelope, isUnreadable: Bool) {
        let whole = try #require(try body(type, product), "a message of type \(type) has no body here")
        func envelope(_ body: [UInt8]) -> Envelope {
            Envelope(
                messageID: UUID(), type: type, correlationID: UUID(), appID: "test", timestamp: Date(),
                body: body)
        }
        switch random.below(6) {
        case 0: return (envelope(Array(whole.prefix(random.below(whole.count)))), true)
        case 1:
            var body = whole
            for _ in 0..<random.int(1...4) { body[random.below(body.count)] = random.bytes(1)[0] }
            return (envelope(body), false)
        case 2:
            // It travels with others.
            var batch = try MessageBatch.envelope(of: [envelope(whole), envelope(whole), envelope(whole)])
            for _ in 0..<random.below(3) { batch.body[random.below(batch.body.count)] = random.bytes(1)[0] }
            return (batch, false)
        default:
            var value = try MessageCoding.decode(JSONValue.self, from: whole)
            for _ in 0..<random.int(1...3) { value = changed(value, &random) }
            var message = envelope(try MessageCoding.encode(value))
            if random.chance(oneIn: 8) { message.correlationID = nil }
            return (message, false)
        }
    }

    /// The value with something else at a place of it.
    private static func changed(_ value: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
        switch value {
        case .object(var members) where !members.isEmpty && !random.chance(oneIn: 8):
            let key = random.pick(members.keys.sorted())
            members[key] = random.chance(oneIn: 6) ? nil : members[key].map { changed($0, &random) }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && !random.chance(oneIn: 4):
            let index = random.below(elements.count)
            if random.chance(oneIn: 4) {
                elements.append(elements[index])
            } else {
                elements[index] = changed(elements[index], &random)
            }
            return .array(elements)
        default:
            switch random.below(7) {
            case 0: return .null
            case 1: return .bool(random.chance(oneIn: 2))
            case 2: return .number(random.pick([0.5, 1e308, -1e308]))
            case 3: return .string(random.pick(texts))
            case 4: return .array([])
            case 5: return .object([:])
            default: return .integer(random.pick(numbers))
            }
        }
    }

    /// A body of a type as a service sends it; nil for a type that is not known here.
    private static func body(_ type: String, _ product: Int64) throws -> [UInt8]? {
        let refusal = EventReason(code: "tested", message: "It is a test.")
        if OrderEvent.types.contains(type) {
            let line = OrderEvent.Line(productID: product, sellerID: 900, name: "Teapot", quantity: 1, unitPrice: 100)
            return try MessageCoding.encode(
                OrderEvent(
                    orderID: 1_000_000, userID: 7, total: 100, currency: "RUB", lines: [line], reason: refusal))
        }
        if type == ReviewEvent.posted {
            return try MessageCoding.encode(
                ReviewEvent(
                    reviewID: 1, productID: product, productName: "Teapot", sellerID: 900, userID: 7, evaluation: 5))
        }
        if type == ProductEvent.deleted || type == ProductEvent.kept {
            return try MessageCoding.encode(
                ProductEvent(productID: product, sellerID: 900, name: "Teapot", reason: refusal))
        }
        for definition in SagaDefinition.all {
            guard let kind = SagaMessageKind.allCases.first(where: { definition.type($0) == type }) else { continue }
            return try body(kind, of: definition, product)
        }
        return nil
    }

    private static func body(
        _ kind: SagaMessageKind, of definition: SagaDefinition, _ product: Int64
    ) throws -> [UInt8] {
        let refusal = SagaRefusal(code: "tested", message: "It is a test.")
        let participant = definition.participants[0]
        switch kind {
        case .try where definition == ProductDeletion.definition:
            let payload = ProductDeletion.Payload(productID: product, sellerID: 900, name: "Teapot")
            return try MessageCoding.encode(TryBody(payload: payload, to: definition.participants))
        case .try:
            let line = OrderPlacement.Line(productID: product, sellerID: 900, quantity: 1, unitPrice: 100)
            let payload = OrderPlacement.Payload(
                orderID: 1_000_000, buyerID: 7, currency: "RUB", total: 100, lines: [line])
            return try MessageCoding.encode(TryBody(payload: payload, to: definition.participants))
        case .vote: return try MessageCoding.encode(VoteBody(participant: participant, vote: .refused(refusal)))
        case .confirm, .cancel:
            return try MessageCoding.encode(DecisionBody(refusal: refusal, to: definition.participants))
        case .done: return try MessageCoding.encode(DoneBody(participant: participant, decision: .cancel))
        }
    }
}
