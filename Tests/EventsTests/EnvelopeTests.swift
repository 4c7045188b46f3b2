import FoundationEssentials
import RabbitMQ
import Testing

@testable import Events

@Suite struct EnvelopeTests {
    private struct Body: Codable { var productID: Int64 }

    @Test func aBodyThatIsNotJSONIsRejectedWithoutItsContent() {
        let envelope = Envelope(
            messageID: UUID(), type: "a.b", appID: "t", timestamp: Date(), body: Array("secret".utf8))
        #expect(throws: MessageRejection(.undecodable, "a.b: not JSON")) { try envelope.decode(Body.self) }
    }

    @Test func aMissingFieldIsNamed() {
        let envelope = Envelope(messageID: UUID(), type: "a.b", appID: "t", timestamp: Date(), body: Array("{}".utf8))
        #expect(throws: MessageRejection(.undecodable, "a.b: productID is missing")) {
            try envelope.decode(Body.self)
        }
    }

    @Test(arguments: [
        "{\"productID\": 1, \"e\(String(repeating: "\u{301}", count: 31))\": 2}",
        "{\"productID\": 1, \"name\": \"e\(String(repeating: #"\u0301"#, count: 31))\"}",
    ])
    func textThatCouldNotBeComparedInGoodTimeIsRejected(body: String) {
        let envelope = Envelope(messageID: UUID(), type: "a.b", appID: "t", timestamp: Date(), body: Array(body.utf8))
        let rejection = MessageRejection(.undecodable, "a.b: a letter in a text has more than 30 combining marks")
        #expect(throws: rejection) { try envelope.decode(Body.self) }
    }

    @Test func aReplayIsAsGoodAsNew() throws {
        let envelope = Envelope(
            messageID: UUID(), type: "a.b", appID: "t", timestamp: Date(), attempt: 7, body: Array("{}".utf8))
        let message = WireFormat.message(envelope, exchange: "x", routingKey: "a.b")
        #expect(message.properties.headers["shop-attempt"] == .int(7))
        #expect(message.properties.messageID == envelope.messageID.uuidString.lowercased())
        #expect(message.mandatory)
    }

    @Test func whatFailedTravelsWithTheMessageAndPastAReplay() throws {
        var envelope = Envelope(
            messageID: UUID(), type: "a.b", appID: "t", timestamp: Date(), attempt: 2, lastError: "refused",
            body: Array("{}".utf8))
        let first = Date(timeIntervalSince1970: 1_800_000_000.25)
        envelope.failures = FailureHistory()
        envelope.failures?.fail(at: first)
        envelope.failures?.fail(at: first + 5)
        let retried = WireFormat.message(envelope, exchange: "x", routingKey: "a.b").properties
        #expect(FailureHistory(retried.headers) == envelope.failures)
        let dead = DeadLetter.message(
            retried, envelope.body, rejection: MessageRejection(.protocolViolation, "no branch"), service: "t")
        let back = DeadLetter.restored(dead.properties, dead.body, to: "t.inbox.v2", isReplayed: true).properties
        let history = try #require(FailureHistory(back.headers))
        #expect(history.count == 3 && history.since == first)
        #expect(history.gaveUpReason == "protocol_violation: no branch" && history.gaveUpAt == history.lastAt)
        #expect(try #require(history.gaveUpAt) > Date() - 3600)
        #expect(back.headers["shop-attempt"] == nil && back.headers["shop-dead-at"] == nil, "it is as good as new")
        #expect(back.headers["shop-last-error"] == nil)
        // A letter of a program of before, which told whole seconds, and a header that is no time.
        var old = retried
        old.headers = ["shop-dead-reason": "tired", "shop-dead-at": 1_800_000_000, "shop-failing-since": -1]
        let told = DeadLetter.restored(old, [], to: "t.inbox.v2", isReplayed: true).properties
        #expect(FailureHistory(told.headers)?.gaveUpAt == Date(timeIntervalSince1970: 1_800_000_000))
        for wrong in [Int64.max, .min, 1_800_000_000_000_000, 0] {
            old.headers = ["shop-dead-reason": "tired", "shop-dead-at": .int(wrong), "shop-dead-at-us": .int(.max)]
            let told = DeadLetter.restored(old, [], to: "t.inbox.v2", isReplayed: true).properties
            let history = try #require(FailureHistory(told.headers))
            #expect(history.gaveUpAt == nil && history.gaveUpReason == "unknown: tired")
        }
        old.headers = ["shop-dead-reason": .string("e" + String(repeating: "\u{301}", count: 60_000))]
        let marked = DeadLetter.restored(old, [], to: "t.inbox.v2", isReplayed: true).properties
        #expect(try #require(FailureHistory(marked.headers)?.gaveUpReason).utf8.count <= 2000)
        #expect(FailureHistory(["shop-attempt": 1, "shop-failing-since": -1])?.since == nil)
        #expect(FailureHistory(["shop-attempt": 0]) == nil)
    }
}
