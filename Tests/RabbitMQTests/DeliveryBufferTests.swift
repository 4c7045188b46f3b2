import DriverSupport
import Testing

@testable import RabbitMQ

@Suite("Delivery buffer")
struct DeliveryBufferTests {
    private let start = MonotonicTime(nanoseconds: 0)

    private func deliveries(_ tags: ClosedRange<UInt64>) -> [Delivery] {
        tags.map {
            Delivery(
                DeliveryInfo(deliveryTag: $0, redelivered: false, exchange: "", routingKey: ""), MessageProperties(), []
            )
        }
    }

    /// The tags of the next batch; empty if one has to wait for it.
    private func next(_ buffer: inout DeliveryBuffer, after milliseconds: Int) -> [UInt64] {
        guard case .portion(let portion) = buffer.next(at: start + .milliseconds(milliseconds)) else { return [] }
        return portion.deliveries.map(\.deliveryTag)
    }

    @Test("A full batch is given at once")
    func full() {
        var buffer = DeliveryBuffer(batchSize: 3, linger: .seconds(1))
        buffer.append(deliveries(1...7), at: start)
        #expect(next(&buffer, after: 0) == [1, 2, 3])
        #expect(next(&buffer, after: 0) == [4, 5, 6])
        #expect(next(&buffer, after: 0).isEmpty)
    }

    @Test("Less than a batch is given when its first delivery has waited long enough")
    func linger() {
        var buffer = DeliveryBuffer(batchSize: 3, linger: .milliseconds(10))
        buffer.append(deliveries(1...1), at: start)
        buffer.append(deliveries(2...2), at: start + .milliseconds(8))
        #expect(next(&buffer, after: 9).isEmpty)
        #expect(next(&buffer, after: 10) == [1, 2])
    }

    @Test("A new connection makes what came by the old one disappear")
    func generations() {
        var buffer = DeliveryBuffer(batchSize: 3, linger: .zero)
        buffer.append(deliveries(1...2), at: start)
        buffer.begin(generation: 2)
        #expect(next(&buffer, after: 0).isEmpty)
        buffer.append(deliveries(1...1), at: start)
        guard case .portion(let portion) = buffer.next(at: start) else {
            Issue.record("no batch")
            return
        }
        #expect(portion.generation == 2)
    }

    @Test("After the end nothing is given")
    func finished() {
        var buffer = DeliveryBuffer(batchSize: 1, linger: .zero)
        buffer.append(deliveries(1...2), at: start)
        #expect(buffer.finish().isEmpty)
        #expect(next(&buffer, after: 0).isEmpty)
        #expect(buffer.removeAll().map(\.deliveryTag) == [1, 2])
    }
}
