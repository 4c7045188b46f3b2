import Testing

@testable import RabbitMQ

@Suite("Message assembler")
struct MessageAssemblerTests {
    private let info = DeliveryInfo(deliveryTag: 7, redelivered: true, exchange: "e", routingKey: "k")
    private let properties = MessageProperties(messageID: "m")

    /// Feeds frames; returns what they complete.
    private func assemble(_ frames: [InboundFrame]) throws -> [MessageAssembler.Event] {
        var assembler = MessageAssembler()
        return try frames.compactMap { try assembler.receive($0) }
    }

    private func header(_ size: UInt64) -> InboundFrame { .header(bodySize: size, properties: properties) }

    @Test("A method without content is complete at once")
    func plainMethod() throws {
        #expect(try assemble([.method(.ack(tag: 1, multiple: true))]) == [.method(.ack(tag: 1, multiple: true))])
    }

    @Test("An empty body has no body frame")
    func emptyBody() throws {
        #expect(try assemble([.method(.deliver(info)), header(0)]) == [.delivered(info, properties, body: [])])
    }

    @Test("A body may come in any number of frames", arguments: [1, 2, 3, 10])
    func bodyFrames(count: Int) throws {
        let body = (0..<60).map { UInt8($0) }
        let size = body.count / count
        let parts = stride(from: 0, to: body.count, by: size).map {
            InboundFrame.body(Array(body[$0..<min($0 + size, body.count)]))
        }
        let events = try assemble([.method(.deliver(info)), header(60)] + parts)
        #expect(events == [.delivered(info, properties, body: body)])
    }

    @Test("Each kind of content is told apart")
    func kinds() throws {
        let returned = ReturnInfo(code: 312, reason: "NO_ROUTE", exchange: "e", routingKey: "k")
        let events = try assemble([
            .method(.returned(returned)), header(1), .body([1]), .method(.getOK(info)), header(1), .body([2]),
            .method(.getEmpty),
        ])
        #expect(
            events == [
                .returned(returned, properties, body: [1]), .got(info, properties, body: [2]), .method(.getEmpty),
            ])
    }

    @Test("News of the connection may come between the frames of a content")
    func interruption() throws {
        let events = try assemble([
            .method(.deliver(info)), .method(.blocked(reason: "low on memory")), header(2), .body([1]),
            .method(.unblocked), .body([2]),
        ])
        #expect(
            events == [
                .method(.blocked(reason: "low on memory")), .method(.unblocked),
                .delivered(info, properties, body: [1, 2]),
            ])
    }

    @Test(
        "Frames that cannot come are violations",
        arguments: [
            [InboundFrame.body([1])], [.header(bodySize: 1, properties: MessageProperties())],
            [.method(.deliver(.zero)), .body([1])], [.method(.deliver(.zero)), .method(.getEmpty)],
            [.method(.deliver(.zero)), .header(bodySize: 1, properties: MessageProperties()), .body([1, 2])],
            [.method(.deliver(.zero)), .header(bodySize: 3, properties: MessageProperties()), .method(.getEmpty)],
        ])
    func violations(frames: [InboundFrame]) {
        #expect {
            try assemble(frames)
        } throws: { error in
            (error as? RabbitMQError)?.kind == .protocolViolation
        }
    }
}

extension DeliveryInfo {
    fileprivate static let zero = DeliveryInfo(deliveryTag: 0, redelivered: false, exchange: "", routingKey: "")
}
