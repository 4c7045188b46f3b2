import DriverSupport
import Testing

@testable import RabbitMQ

@Suite("Publish queue")
struct PublishQueueTests {
    /// Calls of so many messages each, in a queue; they are answered by the test.
    private func withCalls(
        _ counts: [Int], _ body: @escaping @Sendable ([OpenPublish]) -> Void
    ) async -> [Result<[PublishOutcome], any Error>] {
        let (stream, collected) = AsyncStream.makeStream(of: OpenPublish.self)
        let tasks = counts.enumerated().map { number, count in
            Task {
                try await withCheckedThrowingContinuation { continuation in
                    let messages = (0..<count).map { message(to: "q", "\(number).\($0)") }
                    collected.yield(
                        OpenPublish(
                            id: UInt64(number), messages: messages, deadline: .now, continuation: continuation))
                }
            }
        }
        var calls: [OpenPublish] = []
        for await call in stream {
            calls.append(call)
            if calls.count == counts.count { break }
        }
        body(calls.sorted { $0.id < $1.id })
        var results: [Result<[PublishOutcome], any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }

    private static let broken = RabbitMQError(.connectionLost, "broken")

    @Test("What was not sent when sending broke off is still queued, in order")
    func halfWay() async {
        let results = await withCalls([2, 1, 2]) { calls in
            var queue = PublishQueue()
            for call in calls { queue.append(call) }
            let turns = queue.turns(count: 64, bytes: 1 << 20)
            #expect(turns.map(\.message.properties.messageID) == ["0.0", "0.1", "1.0", "2.0", "2.1"])
            for turn in turns.prefix(2) { #expect(turn.publish.willSend(turn.index)) }
            queue.dropDone()
            #expect(
                queue.turns(count: 64, bytes: 1 << 20).map(\.message.properties.messageID) == ["1.0", "2.0", "2.1"])
            for call in calls { call.fail { _ in Self.broken } }
            queue.dropDone()
            #expect(queue.isEmpty)
        }
        let isUnknown = results.map { result -> Bool? in
            if case .failure(let error as RabbitMQError) = result { error.isOutcomeUnknown } else { nil }
        }
        #expect(isUnknown == [true, false, false])
    }

    @Test("A turn is limited in messages and in bytes, and a call is sent whole before the next")
    func limits() async {
        _ = await withCalls([3, 1]) { calls in
            var queue = PublishQueue()
            for call in calls { queue.append(call) }
            #expect(queue.turns(count: 2, bytes: 1 << 20).map(\.index) == [0, 1])
            #expect(queue.turns(count: 64, bytes: 4).map(\.index) == [0, 1])
            for call in calls { call.cancel() }
        }
    }

    @Test("What an answered call would still send is not sent")
    func answered() async {
        _ = await withCalls([1]) { calls in
            var queue = PublishQueue()
            queue.append(calls[0])
            let turns = queue.turns(count: 64, bytes: 1 << 20)
            calls[0].fail { _ in Self.broken }
            #expect(turns.map { $0.publish.willSend($0.index) } == [false])
            #expect(queue.turns(count: 64, bytes: 1 << 20).isEmpty)
        }
    }

    @Test("A message whose call is answered is still recognised when the broker returns it")
    func returned() async {
        _ = await withCalls([2]) { calls in
            let call = calls[0]
            let messages = call.unsent(count: 2, bytes: 1 << 20).map(\.message)
            #expect(call.willSend(0) && call.willSend(1))
            #expect(call.isReturned(1, as: messages[1]))
            call.cancel()
            #expect(call.isReturned(1, as: messages[1]))
            #expect(!call.isReturned(1, as: messages[0]))
        }
    }
}
