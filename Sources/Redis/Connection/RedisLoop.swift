import CoreMetrics
import DriverSupport
import Glibc
import Logging

/// The owning thread's work: it connects, sends what callers hand in, reads replies, keeps the deadlines.
///
/// Made and used on that one thread only.
final class RedisLoop {
    private enum State {
        /// Between two attempts to connect.
        case pausing(until: MonotonicTime)
        case connecting(ConnectAttempt)
        case up(RedisConnection, since: MonotonicTime)
    }

    /// A request that was sent, and the replies it has got so far.
    private struct InFlight {
        let request: RedisRequest
        var replies: [RedisReply] = []

        init(_ request: RedisRequest) {
            self.request = request
            if request.commands.count > 1 { replies.reserveCapacity(request.commands.count) }
        }
    }

    /// A connection that lived this long was a good one: losing it is answered by connecting at once.
    private static let provenAfter: Duration = .seconds(1)
    /// The room for more requests than this is given back after a burst.
    private static let mostKept = 4096

    private let configuration: RedisConfiguration
    private let mailbox: RedisMailbox
    private let metrics: RedisMetrics
    private var outage: RedisOutageLog
    private var refusals: RefusalLog
    private var backoff: Backoff
    /// Which host is tried first the next time.
    private var turn = 0
    private var state = State.pausing(until: .now)
    /// Taken while there was no connection yet, oldest first.
    private var pending = FIFO<RedisRequest>()
    private var inFlight = FIFO<InFlight>()
    /// Requests whose tasks are to go on; empty outside of ``deliver(from:)``.
    private var answered: [(RedisRequest, RedisReplies)] = []
    /// Empty between two looks; its room is used in turn with the mailbox's.
    private var submitted: [RedisRequest] = []

    init(configuration: RedisConfiguration, mailbox: RedisMailbox, metrics: RedisMetrics, logger: Logger) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.metrics = metrics
        backoff = Backoff(configuration.reconnectDelay)
        outage = RedisOutageLog(logger: logger, server: configuration.redacted)
        refusals = RefusalLog(logger: logger, server: configuration.redacted)
    }

    /// Runs until the client is closed.
    func run() {
        while work() { waitForEvents() }
        failAll(RedisMailbox.closedError)
        mailbox.threadEnded()
    }

    /// Does what can be done without waiting; false when the client is closed.
    func work() -> Bool {
        guard takeSubmitted() else { return false }
        do throws(RedisError) {
            try advance()
            try expire()
        } catch {
            lost(error)
        }
        return true
    }

    /// Takes what callers have handed in; false when the client is closed.
    private func takeSubmitted() -> Bool {
        guard mailbox.take(&submitted) else { return false }
        for request in submitted { pending.append(request) }
        submitted.removeAll(keepingCapacity: submitted.count <= Self.mostKept)
        return true
    }

    /// The number of bytes of the connection that have arrived and not been read.
    var unreadBytes: Int { if case .up(let connection, _) = state { connection.unreadBytes } else { 0 } }

    /// Whether there is a connection.
    var isUp: Bool { if case .up = state { true } else { false } }

    /// Goes on with the connection.
    private func advance() throws(RedisError) {
        switch state {
        case .pausing(let until):
            guard until <= .now else { return }
            let attempt = try ConnectAttempt(
                configuration, turn: turn, wake: { [weak mailbox] in mailbox?.wake() },
                heard: { [metrics] in metrics.heard($0) })
            turn = (turn + 1) % configuration.endpoints.count
            state = .connecting(attempt)
            try goOn(attempt)
        case .connecting(let attempt):
            try goOn(attempt)
        case .up(let connection, _):
            if wait.hasFound(POLLIN, of: connection.descriptor) {
                try connection.receive()
                try deliver(from: connection)
                // Who has been answered may have asked again already: that goes along. A look that finds the client closed
                // has the next one follow at once, which ends the loop.
                if !takeSubmitted() { mailbox.wake() }
            }
            try send(over: connection)
        }
    }

    private func goOn(_ attempt: ConnectAttempt) throws(RedisError) {
        guard let connection = try attempt.advance({ wait.hasFound($1, of: $0) }) else { return }
        state = .up(connection, since: .now)
        // A surplus reply left in the buffer would become the first command's.
        try deliver(from: connection)
        metrics.connects.increment()
        outage.ended()
        mailbox.accept()
        try send(over: connection)
    }

    /// Sends everything that waits, in one write as far as the socket takes it.
    private func send(over connection: RedisConnection) throws(RedisError) {
        var count = 0
        while let request = pending.popFirst() {
            // Whoever was cancelled before the send gets nothing sent.
            if request.isFinished { continue }
            // Noted before the first append: should that fail, the request is told.
            inFlight.append(InFlight(request))
            try connection.append(request.commands)
            count += request.commands.count
        }
        if count > 0 { metrics.commands.increment(by: count) }
        try connection.flush()
    }

    /// Gives the replies that have come to the requests, in order.
    private func deliver(from connection: RedisConnection) throws(RedisError) {
        let now = MonotonicTime.now
        // Whoever goes on contends with this thread for the processor, and for the mailbox: when all has been read.
        defer {
            for (request, replies) in answered { request.finish(.success(replies)) }
            answered.removeAll(keepingCapacity: answered.count <= Self.mostKept)
        }
        while let reply = try connection.nextReply() {
            if let (request, replies) = try firstAnswered(by: reply) {
                metrics.duration.recordNanoseconds(now.nanoseconds - request.submitted.nanoseconds)
                answered.append((request, replies))
            }
            try heed(reply, at: now)
        }
    }

    /// Notes a reply to the first request; gives that with all its replies if this was the last it waits for.
    private func firstAnswered(by reply: RedisReply) throws(RedisError) -> (RedisRequest, RedisReplies)? {
        guard let count = inFlight.first?.request.commands.count else {
            throw RedisError(kind: .protocol, message: "a reply to no command")
        }
        if count == 1 { return inFlight.popFirst().map { ($0.request, .one(reply)) } }
        inFlight.updateFirst { $0.replies.append(reply) }
        guard let entry = inFlight.first, entry.replies.count == count else { return nil }
        inFlight.popFirst()
        return (entry.request, .several(entry.replies))
    }

    /// Counts and tells what a server refuses.
    ///
    /// - Throws: `RedisError` when the server has become one that cannot be written: there may be another that can.
    private func heed(_ reply: RedisReply, at now: MonotonicTime) throws(RedisError) {
        guard case .error(let text) = reply else {
            refusals.carriedOut(at: now)
            return
        }
        guard let code = metrics.heard(text) else { return }
        refusals.refused(code, text, at: now)
        if code == "READONLY" || code == "MASTERDOWN" {
            throw RedisError(kind: .unavailable, message: "it is no master any more: \(text)", refusal: code)
        }
    }

    /// Ends what has waited too long; a reply that is late takes its whole connection with it.
    private func expire() throws(RedisError) {
        let now = MonotonicTime.now
        while let oldest = pending.first, oldest.deadline <= now {
            pending.popFirst()
            fail(oldest, RedisError(kind: .timeout, message: "no connection in \(configuration.commandTimeout)"))
        }
        guard case .up(let connection, _) = state, isLate(now) else { return }
        // A reply that lies in the kernel has come in time; it is we who are late.
        for _ in 0..<connection.unreadBytes / RedisConnection.readBytes + 1 where isLate(now) {
            if connection.unreadBytes == 0 { break }
            try connection.receive()
            try deliver(from: connection)
        }
        if isLate(now) { throw RedisError(kind: .timeout, message: "no reply in \(configuration.commandTimeout)") }
    }

    private func isLate(_ now: MonotonicTime) -> Bool { inFlight.first.map { $0.request.deadline <= now } ?? false }

    /// The connection, or the attempt at one, is gone.
    private func lost(_ error: RedisError) {
        let now = MonotonicTime.now
        var mayBeBackAtOnce = false
        if case .up(_, let since) = state, since + Self.provenAfter <= now {
            backoff.reset()
            mayBeBackAtOnce = error.kind == .unavailable
        }
        let dropped = RedisError(kind: .unavailable, message: "the connection was lost: \(error.message)")
        for entry in inFlight.removeAll() {
            let isLate = error.kind == .timeout && entry.request.deadline <= now
            fail(entry.request, isLate ? error : dropped)
        }
        if mayBeBackAtOnce {
            // A server that closes an idle connection is no outage: callers wait for the next one.
            outage.connectionClosed(error)
            state = .pausing(until: now)
            return
        }
        let away = RedisError(kind: .unavailable, message: "no connection: \(error.message)")
        mailbox.refuse(away)
        for request in pending.removeAll() { fail(request, away) }
        outage.began(error)
        state = .pausing(until: now + backoff.next())
    }

    private func failAll(_ error: RedisError) {
        for entry in inFlight.removeAll() { fail(entry.request, error) }
        for request in pending.removeAll() { fail(request, error) }
    }

    private func fail(_ request: RedisRequest, _ error: RedisError) {
        metrics.failed(error.kind)
        request.finish(.failure(error))
    }

    // MARK: Waiting

    private var wait = SocketWait()

    /// Sleeps until the socket can be used, a caller wakes us, or a deadline passes.
    func waitForEvents() {
        var next: MonotonicTime?
        var interest: (descriptor: Int32, events: Int32)?
        switch state {
        case .pausing(let until):
            next = until
        case .connecting(let attempt):
            interest = attempt.interest
            // A name is looked up as long as that takes.
            if interest != nil { next = attempt.deadline }
        case .up(let connection, _):
            next = inFlight.first?.request.deadline
            interest = (connection.descriptor, connection.hasUnsentBytes ? POLLIN | POLLOUT : POLLIN)
        }
        next = earliest(next, pending.first?.deadline)
        wait.sleep(over: mailbox, for: interest, until: next)
    }
}
