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

    @Test func aReplayIsAsGoodAsNew() throws {
        let envelope = Envelope(
            messageID: UUID(), type: "a.b", appID: "t", timestamp: Date(), attempt: 7, body: Array("{}".utf8))
        let message = WireFormat.message(envelope, exchange: "x", routingKey: "a.b")
        #expect(message.properties.headers["shop-attempt"] == .int(7))
        #expect(message.properties.messageID == envelope.messageID.uuidString.lowercased())
        #expect(message.mandatory)
    }
}
