import CRabbitMQ
import DriverSupport
import Glibc

/// One AMQP connection with one channel, over the library's handle.
///
/// Not `Sendable`: the thread that opens it is the only one to touch it. After any error but a refusal at opening it
/// must be dropped with ``abandon()``: the library's state is not to be trusted then.
final class BrokerConnection {
    /// One channel for each connection: the library may lose frames that wait for other channels.
    static let channel: amqp_channel_t = 1

    let handle: amqp_connection_state_t
    let socket: BrokerSocket
    let memory = AMQPMemory()
    private let heartbeat: Duration
    private let requestLimit: Duration
    private var isOpen = true
    private var assembler = MessageAssembler()

    init(handle: amqp_connection_state_t, socket: BrokerSocket, requestTimeout: Duration) {
        self.handle = handle
        self.socket = socket
        // What has been agreed on, which may be shorter than what was asked for.
        heartbeat = .seconds(Int64(amqp_get_heartbeat(handle)))
        // The library's own deadline comes first; this one is for its sends.
        requestLimit = requestTimeout + .milliseconds(500)
    }

    deinit { abandon() }

    // MARK: Receiving

    /// The next whole event that is here already; `nil` when all that has arrived is used up.
    ///
    /// Also where heartbeats are sent and the peer's missed: must be called at least every quarter of the interval.
    func nextEvent() throws(RabbitMQError) -> MessageAssembler.Event? {
        while let frame = try nextFrame() {
            guard let event = try assembler.receive(frame) else { continue }
            switch event {
            case .method(.channelClosed(let code, let text)):
                confirmClose(MethodID.channelCloseOK, channel: Self.channel)
                throw RabbitMQError(replyCode: code, text: text)
            case .method(.connectionClosed(let code, let text)):
                confirmClose(MethodID.connectionCloseOK, channel: 0)
                throw RabbitMQError(replyCode: code, text: text)
            case .method(.flow(let isActive)):
                try confirmFlow(isActive)
            default:
                return event
            }
        }
        return nil
    }

    /// Has the closure sleep until there is input on the socket or the moment has come, never longer than the heartbeats
    /// allow; not at all if input waits inside the library.
    func wait(until moment: MonotonicTime?, _ sleep: (_ socket: Int32, _ until: MonotonicTime?) -> Void) {
        if amqp_frames_enqueued(handle) != 0 || amqp_data_in_buffer(handle) != 0 { return }
        var limit = moment
        if heartbeat > .zero {
            let beat = MonotonicTime.now + heartbeat / 4
            limit = min(limit ?? beat, beat)
        }
        sleep(socket.descriptor, limit)
    }

    private func nextFrame() throws(RabbitMQError) -> InboundFrame? {
        while true {
            var frame = amqp_frame_t()
            var noTime = timeval()
            let status = socket.guarded { amqp_simple_wait_frame_noblock(handle, &frame, &noTime) }
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            try check(status, "receiving")
            let copied = try InboundFrame(frame)
            amqp_maybe_release_buffers(handle)
            if let copied { return copied }
        }
    }

    private func confirmFlow(_ isActive: Bool) throws(RabbitMQError) {
        var answer = amqp_channel_flow_ok_t(active: isActive ? 1 : 0)
        let status = socket.guarded { amqp_send_method(handle, Self.channel, MethodID.channelFlowOK, &answer) }
        try check(status, "answering flow")
    }

    /// A courtesy: the broker logs a warning otherwise. The connection is dropped next, whatever comes of it.
    private func confirmClose(_ method: UInt32, channel: amqp_channel_t) {
        var nothing: UInt8 = 0
        _ = socket.guarded { amqp_send_method(handle, channel, method, &nothing) }
    }

    /// Runs a call of the library that sends a method and waits for its answer.
    func request<R>(_ call: () -> R) -> R {
        socket.guarded(limit: requestLimit, call)
    }

    // MARK: Ending

    /// Says goodbye to the broker and frees everything.
    func close() {
        guard isOpen else { return }
        var limit = Duration.seconds(2).timeValue
        amqp_set_rpc_timeout(handle, &limit)
        _ = socket.guarded { amqp_connection_close(handle, AMQP_REPLY_SUCCESS) }
        abandon()
    }

    /// Frees everything without a word to the broker.
    func abandon() {
        guard isOpen else { return }
        isOpen = false
        socket.interrupt()
        amqp_destroy_connection(handle)
        socket.close()
    }

    // MARK: Errors

    /// Throws if a library status is a failure.
    func check(_ status: Int32, _ action: String) throws(RabbitMQError) {
        guard status < 0 else { return }
        throw .library(status, action, else: .connectionLost)
    }

    /// Throws if the last request was refused or got no answer.
    func checkReply(_ action: String) throws(RabbitMQError) {
        try Self.check(amqp_get_rpc_reply(handle), action, else: .connectionLost)
    }

    /// Throws if a reply is anything but the one asked for.
    static func check(
        _ reply: amqp_rpc_reply_t, _ action: String, else kind: RabbitMQError.Kind
    ) throws(RabbitMQError) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            throw refusal(reply.reply, action)
        case AMQP_RESPONSE_LIBRARY_EXCEPTION:
            throw .library(reply.library_error, action, else: kind)
        default:
            throw RabbitMQError(kind, "\(action): the broker closed the connection")
        }
    }

    private static func refusal(_ method: amqp_method_t, _ action: String) -> RabbitMQError {
        guard let decoded = method.decoded else {
            return RabbitMQError(.protocolViolation, "\(action): an answer without content")
        }
        switch method.id {
        case MethodID.channelClose:
            let close = decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            return RabbitMQError(replyCode: Int(close.reply_code), text: "\(action): \(close.reply_text.string)")
        case MethodID.connectionClose:
            let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            return RabbitMQError(replyCode: Int(close.reply_code), text: "\(action): \(close.reply_text.string)")
        default:
            return RabbitMQError(.protocolViolation, "\(action): an unexpected answer")
        }
    }
}

extension RabbitMQError {
    /// The error for a status of the library.
    static func library(_ status: Int32, _ action: String, else kind: Kind) -> RabbitMQError {
        let text = amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)"
        return switch status {
        case AMQP_STATUS_TIMEOUT.rawValue: RabbitMQError(.timeout, "\(action): no answer in time")
        case AMQP_STATUS_TABLE_TOO_BIG.rawValue, AMQP_STATUS_INVALID_PARAMETER.rawValue:
            RabbitMQError(.invalidMessage, "\(action): \(text)")
        case AMQP_STATUS_BAD_AMQP_DATA.rawValue, AMQP_STATUS_UNKNOWN_CLASS.rawValue,
            AMQP_STATUS_UNKNOWN_METHOD.rawValue, AMQP_STATUS_WRONG_METHOD.rawValue:
            RabbitMQError(.protocolViolation, "\(action): \(text)")
        default: RabbitMQError(kind, "\(action): \(text)")
        }
    }
}
