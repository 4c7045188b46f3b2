import RabbitMQ
import Synchronization
import TestSupport
import Testing

@Suite("Interrupted publishes", .timeLimit(.minutes(60)))
struct InterruptedPublishTests {
    private enum Answer: Sendable {
        case confirmed
        case failed(RabbitMQError)
        case other(String)
    }

    private final class Answers: Sendable {
        let all = Mutex<[Int: Answer]>([:])
    }

    @Test(
        "When sending breaks off half-way every call is answered at once, and told whether it may have been sent",
        arguments: [1_000_000, 2_345_678, 5_000_001])
    func halfWay(bytes: Int) async throws {
        try await withBroker { broker in
            try await broker.admin.declareQueue("q")
            let (proxy, configuration) = try broker.proxy()
            let publisher = broker.publisher(configuration)
            _ = try await publisher.publish(message(to: "q", "first"))
            proxy.cut(after: bytes, of: .toServer)
            let answers = Answers()
            let calls = (0..<300).map { number in
                Task {
                    let message = RabbitMQMessage(
                        exchange: "", routingKey: "q", body: Array(repeating: 7, count: 32_768),
                        properties: MessageProperties(messageID: "\(number)"))
                    let answer: Answer
                    do {
                        let outcome = try await publisher.publish(message, timeout: .seconds(600))
                        answer = outcome == .confirmed ? .confirmed : .other("\(outcome)")
                    } catch let error as RabbitMQError {
                        answer = .failed(error)
                    } catch {
                        answer = .other("\(error)")
                    }
                    answers.all.withLock { $0[number] = answer }
                }
            }
            defer { for call in calls { call.cancel() } }
            try await eventually("all calls are answered, long before their deadlines") {
                answers.all.withLock { $0.count } == calls.count
            }

            await publisher.close()
            let arrived = Set(try await broker.admin.get(queue: "q", limit: 1000).map(\.properties.messageID))
            var unknown = 0
            for (number, answer) in answers.all.withLock({ $0 }) {
                switch answer {
                case .confirmed: #expect(arrived.contains("\(number)"))
                case .failed(let error) where error.isOutcomeUnknown:
                    unknown += 1
                    #expect(error.kind == .connectionLost)
                case .failed: #expect(!arrived.contains("\(number)"), "said to be unsent, and sent")
                case .other(let text): Issue.record("\(text)")
                }
            }
            #expect(unknown > 0, "the cut met nothing")
        }
    }
}
