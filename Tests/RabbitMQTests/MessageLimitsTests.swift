import Testing

@testable import RabbitMQ

@Suite("Message limits")
struct MessageLimitsTests {
    private func refusal(_ change: (inout RabbitMQMessage) -> Void) -> RabbitMQError? {
        var message = RabbitMQMessage(exchange: "e", routingKey: "k", body: [])
        change(&message)
        do throws(RabbitMQError) {
            try MessageLimits.check(message)
            return nil
        } catch {
            return error
        }
    }

    @Test("Names of 255 bytes can be sent, longer ones are refused by name")
    func shortStrings() {
        let long = String(repeating: "ä", count: 128)
        #expect(refusal { $0.routingKey = String(repeating: "x", count: 255) } == nil)
        #expect(refusal { $0.routingKey = long }?.text.contains("routing key has 256 bytes") == true)
        #expect(refusal { $0.exchange = long }?.kind == .invalidMessage)
        #expect(refusal { $0.properties.messageID = long }?.text.contains("message id") == true)
    }

    @Test("Headers must fit a frame, and their keys a short string at any depth")
    func headers() {
        let key = String(repeating: "k", count: 256)
        #expect(refusal { $0.properties.headers = ["a": .bytes(Array(repeating: 0, count: 100_000))] } == nil)
        #expect(
            refusal { $0.properties.headers = ["a": .bytes(Array(repeating: 0, count: 200_000))] }?.kind
                == .invalidMessage)
        #expect(refusal { $0.properties.headers = ["a": .array([.table([key: 1])])] }?.kind == .invalidMessage)
    }
}
