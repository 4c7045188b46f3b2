import NIOCore

/// The deeds that an HTTP/1.1 connection waits for its client to do, and how long it still may. Knows no socket and no
/// clock.
struct HTTPConnectionState {
    /// Something that only the client can do.
    enum Wait: String, CaseIterable, Sendable {
        /// To send another request.
        case idle
        /// To send the rest of a head.
        case head
        /// To send the rest of a body.
        case body
        /// To take an answer.
        case answer
        /// To end the connection.
        case end
    }

    private enum Phase {
        case open
        /// The last answer is written, and not all sent.
        case flushing
        /// It is sent; the client ends the connection.
        case ending
    }

    let limits: HTTPLimits
    private var phase = Phase.open
    /// The part that is read next, going by what has been read whole.
    private var next = Wait.idle
    private var isReading = false
    /// The client's time and bytes for ``next``.
    private var inbound = Stopwatch()
    private var inboundBytes = 0
    private var isBlocked = false
    /// The client's time for the answer, and what had been sent when it began.
    private var outbound = Stopwatch()
    private var sentBefore = 0
    private var stopBy: NIODeadline?

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    // MARK: - Reading

    /// The client may send: its time runs.
    mutating func readBegan(at now: NIODeadline) {
        isReading = true
        inbound.start(at: now)
    }

    /// Everything that had come has been read: from here on it is the server's time.
    mutating func readEnded(at now: NIODeadline) {
        isReading = false
        // The end is waited for whatever is read until then.
        if phase != .ending { inbound.stop(at: now) }
    }

    /// Bytes have come, of whatever they are part.
    mutating func received(_ bytes: Int, at now: NIODeadline) {
        inboundBytes += bytes
        // How long the client has been silent before counts no more.
        if next == .idle { expect(.head, at: now) }
    }

    /// A request's head has been read.
    mutating func headCame(at now: NIODeadline) { expect(.body, at: now) }

    /// A request has been read whole.
    mutating func requestCame(at now: NIODeadline) {
        expect(.idle, at: now)
        inboundBytes = 0
    }

    /// The client has sent more than a request may be.
    var isTooLong: Bool {
        switch next {
        case .head: inboundBytes > limits.headBytes
        case .body: inboundBytes > limits.requestBytes
        default: phase == .ending && inboundBytes > limits.endBytes
        }
    }

    private mutating func expect(_ wait: Wait, at now: NIODeadline) {
        next = wait
        inbound = Stopwatch()
        if isReading { inbound.start(at: now) }
    }

    // MARK: - Writing

    /// An answer begins.
    ///
    /// - Parameter sent: What the client's side has taken so far, in bytes.
    mutating func answerBegan(sent: Int, at now: NIODeadline) {
        outbound = Stopwatch()
        sentBefore = sent
        if isBlocked { outbound.start(at: now) }
    }

    /// An answer has been written; the next request may follow.
    mutating func answered(at now: NIODeadline) {
        if next == .idle { expect(.idle, at: now) }
    }

    /// The client's side takes no more for now, or takes it again.
    mutating func blocked(_ isBlocked: Bool, at now: NIODeadline) {
        self.isBlocked = isBlocked
        if isBlocked { outbound.start(at: now) } else if phase != .flushing { outbound.stop(at: now) }
    }

    /// The last answer has been written.
    mutating func flush(at now: NIODeadline) {
        guard phase == .open else { return }
        phase = .flushing
        outbound.start(at: now)
    }

    /// The last answer has been sent.
    mutating func end(at now: NIODeadline) {
        guard phase != .ending else { return }
        phase = .ending
        inbound = Stopwatch()
        inbound.start(at: now)
        inboundBytes = 0
        next = .end
    }

    /// The server stops.
    mutating func stop(at now: NIODeadline) {
        stopBy = stopBy ?? now + TimeAmount(limits.stop)
    }

    // MARK: - Deadlines

    /// The deed that the client is waited for, and until when; nil if it is the server's turn.
    ///
    /// - Parameter sent: What the client's side has taken so far, in bytes.
    func due(sent: @autoclosure () -> Int, at now: NIODeadline) -> (wait: Wait, deadline: NIODeadline)? {
        let reading = dueReading(at: now)
        let writing = dueWriting(sent: sent(), at: now)
        guard var due = reading ?? writing else { return nil }
        if let writing, writing.deadline < due.deadline { due = writing }
        if let stopBy { due.deadline = min(due.deadline, stopBy) }
        return due
    }

    private func dueReading(at now: NIODeadline) -> (wait: Wait, deadline: NIODeadline)? {
        switch phase {
        case .flushing: return nil
        case .ending: return (.end, now + TimeAmount(limits.end) - inbound.spent(at: now))
        case .open: break
        }
        guard isReading else { return nil }
        let allowance =
            switch next {
            case .head: limits.head.allowance(inboundBytes)
            case .body: limits.body.allowance(inboundBytes)
            default: limits.idle
            }
        return (next, now + TimeAmount(allowance) - inbound.spent(at: now))
    }

    private func dueWriting(sent: @autoclosure () -> Int, at now: NIODeadline) -> (wait: Wait, deadline: NIODeadline)? {
        guard phase == .flushing || phase == .open && isBlocked else { return nil }
        let allowance = limits.answer.allowance(max(0, sent() - sentBefore))
        return (.answer, now + TimeAmount(allowance) - outbound.spent(at: now))
    }
}

/// Time that runs only now and then.
private struct Stopwatch {
    private var before = TimeAmount.zero
    private var since: NIODeadline?

    mutating func start(at now: NIODeadline) { since = since ?? now }

    mutating func stop(at now: NIODeadline) {
        before = spent(at: now)
        since = nil
    }

    func spent(at now: NIODeadline) -> TimeAmount { before + (since.map { now - $0 } ?? .zero) }
}
