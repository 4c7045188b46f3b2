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
    private func next(_ buffer: inout DeliveryBuffer) -> [UInt64] {
        guard case .portion(let portion) = buffer.next() else { return [] }
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
