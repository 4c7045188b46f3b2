import DriverSupport
import Testing

@testable import RabbitMQ

@Suite("Delivery buffer")
struct DeliveryBufferTests {
    private func deliveries(_ tags: ClosedRange<UInt64>) -> [Delivery] {
        tags.map {
            Delivery(
                DeliveryInfo(deliveryTag: $0, redelivered: false, exchange: "", routingKey: ""), MessageProperties(), []
            )
        }
    }

    /// The tags of the next batch; empty if one has to wait for it.
    private func next(_ buffer: inout DeliveryBuffer, at now: MonotonicTime = .now) -> [UInt64] {
        guard case .portion(let portion) = buffer.next(at: now) else { return [] }
        return portion.deliveries.map(\.deliveryTag)
    }

    @Test("Whoever asks gets what is there, up to a batch, at once")
    func batches() {
        var buffer = DeliveryBuffer(batchSize: 3)
        buffer.append(deliveries(1...7))
        #expect(next(&buffer) == [1, 2, 3])
        #expect(next(&buffer) == [4, 5, 6])
        #expect(next(&buffer) == [7])
        #expect(next(&buffer).isEmpty)
    }

    @Test("Whoever waits gets what arrives, however little it is")
    func waiting() async {
        let batch: DeliveryBatch? = await withCheckedContinuation { continuation in
            var buffer = DeliveryBuffer(batchSize: 3)
            buffer.addWaiter(1, continuation)
            let isEarly = buffer.match() != nil
            #expect(!isEarly)
            buffer.append(deliveries(1...1))
            guard let (waiter, portion) = buffer.match() else {
                Issue.record("nobody is given anything")
                return continuation.resume(returning: nil)
            }
            #expect(portion.deliveries.map(\.deliveryTag) == [1])
            waiter.resume(returning: nil)
        }
        #expect(batch == nil)
    }

    private func moment(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test("What may wait goes with what may not, in its place")
    func company() {
        var buffer = DeliveryBuffer(batchSize: 5) { $0.deliveryTag == 3 ? .zero : .seconds(10) }
        buffer.append(deliveries(1...1), at: moment(100))
        #expect(next(&buffer, at: moment(109)).isEmpty)
        #expect(buffer.nextDue(after: moment(109)) == moment(110))
        buffer.append(deliveries(2...4), at: moment(109))
        #expect(buffer.nextDue(after: moment(109)) == nil, "it is due already")
        #expect(next(&buffer, at: moment(109)) == [1, 2, 3, 4])
        #expect(buffer.nextDue(after: moment(109)) == nil)
        #expect(next(&buffer, at: moment(200)).isEmpty)
    }

    @Test("What may wait goes by itself in the end, as soon as a batch is full, and not with another connection's")
    func patience() {
        var buffer = DeliveryBuffer(batchSize: 2) { .seconds($0.deliveryTag == 1 ? 10 : 5) }
        buffer.append(deliveries(1...1), at: moment(100))
        buffer.append(deliveries(2...2), at: moment(101))
        #expect(next(&buffer, at: moment(101)) == [1, 2], "a batch is full")
        buffer.append(deliveries(1...1), at: moment(101))
        #expect(next(&buffer, at: moment(110)).isEmpty, "what has gone leaves no moment behind")
        #expect(buffer.nextDue(after: moment(110)) == moment(111))
        #expect(next(&buffer, at: moment(111)) == [1])
        buffer.append(deliveries(1...1), at: moment(120))
        buffer.begin(generation: 2)
        buffer.append(deliveries(1...1), at: moment(125))
        #expect(next(&buffer, at: moment(130)).isEmpty)
        #expect(next(&buffer, at: moment(135)) == [1])
    }

    @Test("A new connection makes what came by the old one disappear")
    func generations() {
        var buffer = DeliveryBuffer(batchSize: 3)
        buffer.append(deliveries(1...2))
        buffer.begin(generation: 2)
        #expect(next(&buffer).isEmpty)
        buffer.append(deliveries(1...1))
        guard case .portion(let portion) = buffer.next() else {
            Issue.record("no batch")
            return
        }
        #expect(portion.generation == 2)
    }

    @Test("After the end nothing is given")
    func finished() {
        var buffer = DeliveryBuffer(batchSize: 1)
        buffer.append(deliveries(1...2))
        #expect(buffer.finish().isEmpty)
        #expect(next(&buffer).isEmpty)
        #expect(buffer.removeAll().map(\.deliveryTag) == [1, 2])
    }
}
