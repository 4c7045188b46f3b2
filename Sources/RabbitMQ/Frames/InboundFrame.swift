/// A frame from the broker, copied out of the library's memory.
enum InboundFrame: Sendable, Equatable {
    case method(InboundMethod)
    case header(bodySize: UInt64, properties: MessageProperties)
    case body([UInt8])
}

/// The methods a broker sends unasked, or as the answers this driver waits for itself.
enum InboundMethod: Sendable, Equatable {
    case deliver(DeliveryInfo)
    case getOK(DeliveryInfo)
    case getEmpty
    case returned(ReturnInfo)
    case ack(tag: UInt64, multiple: Bool)
    case nack(tag: UInt64, multiple: Bool)
    case consumerCancelled(tag: String)
    case flow(isActive: Bool)
    case channelClosed(code: Int, text: String)
    case connectionClosed(code: Int, text: String)
    case blocked(reason: String)
    case unblocked
    case other(id: UInt32)

    /// Whether a header and a body follow.
    var hasContent: Bool {
        switch self {
        case .deliver, .getOK, .returned: true
        default: false
        }
    }

    /// Whether it may come between the frames of a content: it ends or concerns more than the channel's messages.
    var mayInterrupt: Bool {
        switch self {
        case .channelClosed, .connectionClosed, .blocked, .unblocked: true
        default: false
        }
    }
}

/// The facts that `basic.deliver` and `basic.get-ok` tell about the message that follows.
struct DeliveryInfo: Sendable, Equatable {
    var deliveryTag: UInt64
    var redelivered: Bool
    var exchange: String
    var routingKey: String
}

/// The facts that `basic.return` tells about the message that follows.
struct ReturnInfo: Sendable, Equatable {
    var code: Int
    var reason: String
    var exchange: String
    var routingKey: String
}
