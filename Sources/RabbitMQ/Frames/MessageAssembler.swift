/// Puts the frames of one channel together: a method, and for some methods a header and as many body frames as its
/// size says. A pure state machine; it knows nothing of sockets.
struct MessageAssembler {
    /// Something whole.
    enum Event: Sendable, Equatable {
        case delivered(DeliveryInfo, MessageProperties, body: [UInt8])
        case got(DeliveryInfo, MessageProperties, body: [UInt8])
        case returned(ReturnInfo, MessageProperties, body: [UInt8])
        case method(InboundMethod)
    }

    private enum State {
        case idle
        case awaitingHeader(InboundMethod)
        case awaitingBody(InboundMethod, MessageProperties, missing: UInt64, body: [UInt8])
    }

    private var state = State.idle

    /// Takes the next frame; returns what it completes.
    /// - Throws: ``RabbitMQError`` of kind `protocolViolation` if the frame cannot come now.
    mutating func receive(_ frame: InboundFrame) throws(RabbitMQError) -> Event? {
        switch (state, frame) {
        case (_, .method(let method)) where method.mayInterrupt:
            return .method(method)
        case (.idle, .method(let method)):
            guard method.hasContent else { return .method(method) }
            state = .awaitingHeader(method)
            return nil
        case (.awaitingHeader(let method), .header(0, let properties)):
            state = .idle
            return try Self.event(method, properties, [])
        case (.awaitingHeader, .header(let size, _)) where size > MessageLimits.inboundBodyBytes:
            throw RabbitMQError(.protocolViolation, "a body of \(size) bytes is announced, which is too long")
        case (.awaitingHeader(let method), .header(let size, let properties)):
            state = .awaitingBody(method, properties, missing: size, body: [])
            return nil
        case (.awaitingBody(let method, let properties, let missing, var body), .body(let part)):
            guard UInt64(part.count) <= missing else {
                throw RabbitMQError(.protocolViolation, "a body is longer than its header says")
            }
            // Lets go of the state's reference, so that appending does not copy.
            state = .idle
            let left = missing - UInt64(part.count)
            if body.isEmpty {
                body = part
                // Only once: room asked for is exact, and a body that grows by a frame at a time would be copied for each.
                if left > 0 { body.reserveCapacity(part.count + Int(clamping: min(left, 16 << 20))) }
            } else {
                body += part
            }
            if left == 0 { return try Self.event(method, properties, body) }
            state = .awaitingBody(method, properties, missing: left, body: body)
            return nil
        case (.idle, .header), (.idle, .body):
            throw RabbitMQError(.protocolViolation, "content without a method")
        case (.awaitingHeader, _):
            throw RabbitMQError(.protocolViolation, "no header after a method with content")
        case (.awaitingBody, _):
            throw RabbitMQError(.protocolViolation, "a body is shorter than its header says")
        }
    }

    private static func event(
        _ method: InboundMethod, _ properties: MessageProperties, _ body: [UInt8]
    ) throws(RabbitMQError) -> Event {
        switch method {
        case .deliver(let info): return .delivered(info, properties, body: body)
        case .getOK(let info): return .got(info, properties, body: body)
        case .returned(let info): return .returned(info, properties, body: body)
        default: throw RabbitMQError(.protocolViolation, "content after a method without content")
        }
    }
}
