import NIOCore
import NIOWebSocket

/// The protocol of a WebSocket: events, and the actions that follow. Knows no socket and no clock.
///
/// Clients have nothing to say: their messages are checked and ignored.
struct WebSocketState {
    enum Timer: Hashable, CaseIterable {
        /// It is time to ask whether the client is there.
        case ping
        /// It has not answered.
        case pong
        /// It takes nothing of what waits for it.
        case write
        /// It does not end the connection.
        case close
        /// Its token has expired.
        case expiry
    }

    enum Action: Equatable {
        case send(WebSocketFrame)
        /// Starts a timer, anew if it runs.
        case start(Timer, Duration)
        case stop(Timer)
        /// There is room again: the sender may go on.
        case resumeSender
        /// Says that nothing more will come; the other side may still send.
        case closeOutput
        case drop
    }

    private enum Phase {
        case open
        /// We have begun the closing handshake.
        case closing
        /// Nothing that the client may still send matters. What is left is that it ends the connection.
        case ending
        case over
    }

    let options: WebSocketOptions
    /// The reason why the session ended or is about to.
    private(set) var closeCode: CloseCode?

    private var phase = Phase.open
    private var reader: MessageReader
    private var queuedBytes = 0
    private var queuedMessages = 0
    private var isCloseWritten = false
    private var isSenderWaiting = false
    private var isPongQueued = false
    /// The latest ping that could not be answered yet; the earlier ones need no answer any more.
    private var unansweredPing: ByteBuffer?

    init(options: WebSocketOptions) {
        self.options = options
        self.reader = MessageReader(limit: options.messageLimit)
    }

    // MARK: - From this side

    /// The session begins; its token is good for `lifetime`.
    mutating func opened(lifetime: Duration) -> [Action] {
        [.start(.ping, options.pingInterval), .start(.expiry, lifetime)]
    }

    /// Sends a text. Whether the sender has to wait, ``mustWait`` says then.
    mutating func send(_ text: ByteBuffer) -> [Action] {
        guard phase == .open else { return [] }
        let actions = enqueue(WebSocketFrame(fin: true, opcode: .text, data: text))
        isSenderWaiting = !hasRoom
        return actions
    }

    /// Whether the sender has to wait until it is resumed.
    var mustWait: Bool { phase == .open && isSenderWaiting }

    /// Whether anything can still be sent.
    var isOpen: Bool { phase == .open }

    /// Begins the closing handshake.
    mutating func close(_ code: CloseCode, _ reason: String) -> [Action] {
        guard phase == .open else { return [] }
        phase = .closing
        return finish(code, reason)
    }

    /// A frame has been handed to the network, or a part of the system that looks like it.
    mutating func written(_ opcode: WebSocketOpcode, bytes: Int) -> [Action] {
        queuedBytes -= bytes
        queuedMessages -= 1
        var actions: [Action] = []
        if opcode == .connectionClose {
            isCloseWritten = true
            if phase == .ending { actions.append(.closeOutput) }
        }
        guard phase == .open else { return actions }
        actions.append(queuedMessages > 0 ? .start(.write, options.writeDeadline) : .stop(.write))
        if opcode == .pong {
            isPongQueued = false
            if let ping = unansweredPing { actions += answer(ping) }
        }
        if isSenderWaiting, hasRoom {
            isSenderWaiting = false
            actions.append(.resumeSender)
        }
        return actions
    }

    /// Time is up.
    mutating func expired(_ timer: Timer) -> [Action] {
        switch timer {
        case .ping:
            guard phase == .open else { return [] }
            return enqueue(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))
                + [.start(.pong, options.pongDeadline)]
        case .pong: return close(.internalError, "no answer to a ping")
        case .write: return close(.tooSlow, "too slow; resume with after")
        case .expiry: return close(.tokenExpired, "the access token has expired")
        case .close: return drop()
        }
    }

    // MARK: - From the other side

    mutating func received(_ frame: WebSocketFrame) -> [Action] {
        guard phase == .open || phase == .closing else { return [] }
        do throws(Violation) {
            try MessageReader.check(frame)
            switch frame.opcode {
            case .connectionClose:
                return receivedClose(try frame.unmaskedData.closeCode())
            case .ping:
                return phase == .open ? answer(frame.unmaskedData) : []
            case .pong:
                return phase == .open ? [.stop(.pong), .start(.ping, options.pingInterval)] : []
            default:
                _ = try reader.read(frame)
                return []
            }
        } catch {
            return violated(error)
        }
    }

    /// The bytes that came are no frame; nothing after it can be read.
    mutating func violated(_ violation: Violation) -> [Action] {
        switch phase {
        case .open:
            phase = .ending
            return finish(violation.code, violation.reason)
        case .closing:
            return end()
        case .ending, .over:
            return []
        }
    }

    /// The client will send nothing more.
    mutating func inputClosed() -> [Action] { drop() }

    /// The connection is gone.
    mutating func connectionLost() -> [Action] {
        closeCode = closeCode ?? .lost
        phase = .over
        return Timer.allCases.map(Action.stop)
    }

    // MARK: - Steps

    private var hasRoom: Bool { queuedBytes < options.queueBytes && queuedMessages < options.queueMessages }

    private mutating func enqueue(_ frame: WebSocketFrame) -> [Action] {
        queuedBytes += frame.length
        queuedMessages += 1
        // The timer first: the frame may be gone at once.
        return queuedMessages == 1 ? [.start(.write, options.writeDeadline), .send(frame)] : [.send(frame)]
    }

    private mutating func answer(_ ping: ByteBuffer) -> [Action] {
        guard !isPongQueued else {
            unansweredPing = ping
            return []
        }
        isPongQueued = true
        unansweredPing = nil
        return enqueue(WebSocketFrame(fin: true, opcode: .pong, data: ping))
    }

    private mutating func receivedClose(_ code: CloseCode) -> [Action] {
        if phase == .closing { return end() }
        phase = .ending
        return finish(code, "")
    }

    /// The client's closing frame is here, or will never be understood, and ours is on its way.
    private mutating func end() -> [Action] {
        phase = .ending
        return isCloseWritten ? [.closeOutput] : []
    }

    /// Sends the closing frame and gives the rest its time.
    private mutating func finish(_ code: CloseCode, _ reason: String) -> [Action] {
        closeCode = code
        queuedMessages += 1
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: ByteBuffer(code, reason: reason))
        queuedBytes += frame.length
        return [Timer.ping, .pong, .write, .expiry].map(Action.stop)
            + [.start(.close, options.closeDeadline), .resumeSender, .send(frame)]
    }

    private mutating func drop() -> [Action] {
        guard phase != .over else { return [] }
        closeCode = closeCode ?? .lost
        phase = .over
        return [.drop]
    }
}
