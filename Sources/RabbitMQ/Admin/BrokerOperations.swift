import CRabbitMQ
import DriverSupport

/// The methods of AMQP, each a call into the library with memory that outlives it.
extension BrokerConnection {
    // MARK: Publishing

    /// From now on the broker confirms each message.
    func selectConfirms() throws(RabbitMQError) {
        var method = amqp_confirm_select_t(nowait: 0)
        var expected: [amqp_method_number_t] = [MethodID.confirmSelectOK, 0]
        let reply = request {
            amqp_simple_rpc(handle, Self.channel, MethodID.confirmSelect, &expected, &method)
        }
        try Self.check(reply, "asking for confirms", else: .connectionLost)
    }

    /// Sends messages in one flush; `willSend` is asked about each before its first byte may leave.
    func publish<Messages: Collection>(
        _ messages: Messages, willSend: (Int) -> Bool
    ) throws(RabbitMQError) where Messages.Element == RabbitMQMessage {
        if messages.count > 1 { socket.setCork(true) }
        defer { socket.setCork(false) }
        let status = socket.guarded { () -> Int32 in
            for (index, message) in messages.enumerated() {
                guard willSend(index) else { continue }
                let status = send(message)
                if status < 0 { return status }
            }
            return 0
        }
        try check(status, "publishing")
    }

    private func send(_ message: RabbitMQMessage) -> Int32 {
        defer { memory.recycle() }
        var properties = message.properties.wire(in: memory)
        let exchange = memory.bytes(message.exchange)
        let routingKey = memory.bytes(message.routingKey)
        // The library only reads the body, and only during the call.
        return message.body.withUnsafeBytes { body in
            amqp_basic_publish(
                handle, Self.channel, exchange, routingKey, message.mandatory ? 1 : 0, 0, &properties,
                amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)))
        }
    }

    // MARK: Consuming

    /// Limits the deliveries under way to this many.
    func setPrefetch(_ count: UInt16) throws(RabbitMQError) {
        _ = request { amqp_basic_qos(handle, Self.channel, 0, count, 0) }
        try checkReply("setting the prefetch")
    }

    /// Begins to consume; returns the consumer's tag.
    func consume(
        queue: String, tag: String, isExclusive: Bool, arguments: [String: HeaderValue]
    ) throws(RabbitMQError) -> String {
        defer { memory.recycle() }
        let answer = request {
            amqp_basic_consume(
                handle, Self.channel, memory.bytes(queue), memory.bytes(tag), 0, 0, isExclusive ? 1 : 0,
                memory.table(arguments))
        }
        try checkReply("consuming from \(queue)")
        return answer?.pointee.consumer_tag.string ?? tag
    }

    /// Ends consuming; deliveries already under way still arrive.
    func cancelConsumer(tag: String) throws(RabbitMQError) {
        defer { memory.recycle() }
        _ = request { amqp_basic_cancel(handle, Self.channel, memory.bytes(tag)) }
        try checkReply("cancelling the consumer")
    }

    func acknowledge(_ tag: UInt64, multiple: Bool) throws(RabbitMQError) {
        try check(
            socket.guarded { amqp_basic_ack(handle, Self.channel, tag, multiple ? 1 : 0) }, "acknowledging")
    }

    func reject(_ tag: UInt64, requeue: Bool) throws(RabbitMQError) {
        try check(socket.guarded { amqp_basic_reject(handle, Self.channel, tag, requeue ? 1 : 0) }, "rejecting")
    }

    /// Takes one message from a queue; `nil` if it is empty.
    func get(queue: String, wake: WakeUp, until deadline: MonotonicTime) throws(RabbitMQError) -> Delivery? {
        defer { memory.recycle() }
        var method = amqp_basic_get_t(ticket: 0, queue: memory.bytes(queue), no_ack: 0)
        let status = socket.guarded { amqp_send_method(handle, Self.channel, MethodID.basicGet, &method) }
        try check(status, "getting from \(queue)")
        while true {
            while let event = try nextEvent() {
                switch event {
                case .got(let info, let properties, let body): return Delivery(info, properties, body)
                case .method(.getEmpty): return nil
                default: continue
                }
            }
            if deadline < .now { throw RabbitMQError(.timeout, "getting from \(queue): no answer in time") }
            wait(until: deadline) { wake.wait(alsoOn: $0, until: $1) }
        }
    }

    // MARK: Topology

    func declareExchange(
        _ name: String, type: String, passive: Bool, durable: Bool, arguments: [String: HeaderValue]
    ) throws(RabbitMQError) {
        defer { memory.recycle() }
        _ = request {
            amqp_exchange_declare(
                handle, Self.channel, memory.bytes(name), memory.bytes(type), passive ? 1 : 0, durable ? 1 : 0, 0, 0,
                memory.table(arguments))
        }
        try checkReply("exchange \(name)")
    }

    func deleteExchange(_ name: String) throws(RabbitMQError) {
        defer { memory.recycle() }
        _ = request { amqp_exchange_delete(handle, Self.channel, memory.bytes(name), 0) }
        try checkReply("deleting exchange \(name)")
    }

    /// Declares a queue, or with `passive` only looks at it; an empty name lets the broker choose one.
    func declareQueue(
        _ name: String, passive: Bool, declaration: QueueDeclaration
    ) throws(RabbitMQError) -> (name: String, status: QueueStatus) {
        defer { memory.recycle() }
        let answer = request {
            amqp_queue_declare(
                handle, Self.channel, memory.bytes(name), passive ? 1 : 0, declaration.durable ? 1 : 0,
                declaration.exclusive ? 1 : 0, declaration.autoDelete ? 1 : 0, memory.table(declaration.arguments))
        }
        try checkReply("queue \(name)")
        guard let answer = answer?.pointee else { throw RabbitMQError(.protocolViolation, "queue \(name): no answer") }
        return (
            answer.queue.string,
            QueueStatus(messages: Int(answer.message_count), consumers: Int(answer.consumer_count))
        )
    }

    func bind(
        queue: String, exchange: String, routingKey: String, arguments: [String: HeaderValue]
    ) throws(RabbitMQError) {
        defer { memory.recycle() }
        _ = request {
            amqp_queue_bind(
                handle, Self.channel, memory.bytes(queue), memory.bytes(exchange), memory.bytes(routingKey),
                memory.table(arguments))
        }
        try checkReply("binding \(queue) to \(exchange) with \(routingKey)")
    }

    func unbind(
        queue: String, exchange: String, routingKey: String, arguments: [String: HeaderValue]
    ) throws(RabbitMQError) {
        defer { memory.recycle() }
        _ = request {
            amqp_queue_unbind(
                handle, Self.channel, memory.bytes(queue), memory.bytes(exchange), memory.bytes(routingKey),
                memory.table(arguments))
        }
        try checkReply("unbinding \(queue) from \(exchange) with \(routingKey)")
    }

    /// Empties a queue; returns how many messages were in it.
    func purge(queue: String) throws(RabbitMQError) -> Int {
        defer { memory.recycle() }
        let answer = request { amqp_queue_purge(handle, Self.channel, memory.bytes(queue)) }
        try checkReply("purging \(queue)")
        return Int(answer?.pointee.message_count ?? 0)
    }

    /// Deletes a queue; returns how many messages were in it. No error if there is none.
    func deleteQueue(_ name: String, ifUnused: Bool, ifEmpty: Bool) throws(RabbitMQError) -> Int {
        defer { memory.recycle() }
        let answer = request {
            amqp_queue_delete(handle, Self.channel, memory.bytes(name), ifUnused ? 1 : 0, ifEmpty ? 1 : 0)
        }
        try checkReply("deleting \(name)")
        return Int(answer?.pointee.message_count ?? 0)
    }
}
