import CRabbitMQ

extension InboundFrame {
    /// Copies a frame out of the library's memory; `nil` for one that means nothing here.
    /// - Throws: ``RabbitMQError`` of kind `protocolViolation` for a channel or a class of content that nobody asked for.
    init?(_ frame: amqp_frame_t) throws(RabbitMQError) {
        guard frame.channel == 0 || frame.channel == BrokerConnection.channel else {
            throw RabbitMQError(.protocolViolation, "a frame of channel \(frame.channel), which was never opened")
        }
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            self = .method(InboundMethod(frame.payload.method))
        case AMQP_FRAME_HEADER:
            let header = frame.payload.properties
            // The library decodes other classes into other structures.
            guard header.class_id == MethodID.basicClass, let decoded = header.decoded else {
                throw RabbitMQError(.protocolViolation, "content of class \(header.class_id)")
            }
            let wire = decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee
            self = .header(bodySize: header.body_size, properties: MessageProperties(wire))
        case AMQP_FRAME_BODY:
            self = .body(frame.payload.body_fragment.array)
        default:
            return nil
        }
    }
}

extension InboundMethod {
    fileprivate init(_ method: amqp_method_t) {
        guard let decoded = method.decoded else {
            self = .other(id: method.id)
            return
        }
        func read<T>(_ type: T.Type) -> T { decoded.assumingMemoryBound(to: T.self).pointee }

        switch method.id {
        case MethodID.basicDeliver:
            let deliver = read(amqp_basic_deliver_t.self)
            self = .deliver(
                DeliveryInfo(
                    deliveryTag: deliver.delivery_tag, redelivered: deliver.redelivered != 0,
                    exchange: deliver.exchange.string, routingKey: deliver.routing_key.string))
        case MethodID.basicAck:
            let ack = read(amqp_basic_ack_t.self)
            self = .ack(tag: ack.delivery_tag, multiple: ack.multiple != 0)
        case MethodID.basicNack:
            let nack = read(amqp_basic_nack_t.self)
            self = .nack(tag: nack.delivery_tag, multiple: nack.multiple != 0)
        case MethodID.basicReturn:
            let returned = read(amqp_basic_return_t.self)
            self = .returned(
                ReturnInfo(
                    code: Int(returned.reply_code), reason: returned.reply_text.string,
                    exchange: returned.exchange.string, routingKey: returned.routing_key.string))
        case MethodID.basicGetOK:
            let got = read(amqp_basic_get_ok_t.self)
            self = .getOK(
                DeliveryInfo(
                    deliveryTag: got.delivery_tag, redelivered: got.redelivered != 0,
                    exchange: got.exchange.string, routingKey: got.routing_key.string))
        case MethodID.basicGetEmpty:
            self = .getEmpty
        case MethodID.basicCancel:
            self = .consumerCancelled(tag: read(amqp_basic_cancel_t.self).consumer_tag.string)
        case MethodID.channelFlow:
            self = .flow(isActive: read(amqp_channel_flow_t.self).active != 0)
        case MethodID.channelClose:
            let close = read(amqp_channel_close_t.self)
            self = .channelClosed(code: Int(close.reply_code), text: close.reply_text.string)
        case MethodID.connectionClose:
            let close = read(amqp_connection_close_t.self)
            self = .connectionClosed(code: Int(close.reply_code), text: close.reply_text.string)
        case MethodID.connectionBlocked:
            self = .blocked(reason: read(amqp_connection_blocked_t.self).reason.string)
        case MethodID.connectionUnblocked:
            self = .unblocked
        default:
            self = .other(id: method.id)
        }
    }
}
