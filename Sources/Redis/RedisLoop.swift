import CoreMetrics
import Glibc
import Logging

/// The owning thread's work: it connects, sends what callers hand in, reads replies, keeps the deadlines.
///
/// Made and used on that one thread only.
final class RedisLoop {
    private enum State {
        /// Between two attempts to connect.
        case pausing(until: MonotonicTime)
        case connecting(RedisConnection, deadline: MonotonicTime)
        /// Connected; the greeting's commands of these names are still to be answered.
        case greeting(RedisConnection, deadline: MonotonicTime, commands: ArraySlice<String>)
        case up(RedisConnection, since: MonotonicTime)
    }

    /// A request that was sent, and the replies it has got so far.
    private struct InFlight {
        let request: RedisRequest
        var replies: [RedisReply] = []
    }

    /// A connection that lived this long was a good one: losing it is answered by connecting at once.
    private static let provenAfter: Duration = .seconds(1)

    private let configuration: RedisConfiguration
    private let mailbox: RedisMailbox
    private let metrics: RedisMetrics
    private var outage: RedisOutageLog
    private var backoff = Backoff()
    private var state = State.pausing(until: .now)
    /// Taken while there was no connection yet, oldest first.
    private var pending = FIFO<RedisRequest>()
    private var inFlight = FIFO<InFlight>()

    init(configuration: RedisConfiguration, mailbox: RedisMailbox, metrics: RedisMetrics, logger: Logger) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.metrics = metrics
        outage = RedisOutageLog(logger: logger, server: configuration.redacted)
        descriptors = [
            pollfd(fd: mailbox.wakeDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: -1, events: 0, revents: 0),
        ]
    }

    /// Runs until the client is closed.
    func run() {
        while let submitted = mailbox.take(wasWoken: descriptors[0].revents != 0) {
            for request in submitted { pending.append(request) }
            do throws(RedisError) {
                try advance()
            } catch {
                lost(error)
            }
            expire()
            waitForEvents()
        }
        failAll(RedisMailbox.closedError)
        mailbox.threadEnded()
    }

    /// Does what can be done without waiting.
    private func advance() throws(RedisError) {
        switch state {
        case .pausing(let until):
            guard until <= .now else { return }
            let deadline = MonotonicTime.now + configuration.connectTimeout
            state = .connecting(
                try RedisConnection(host: configuration.host, port: configuration.port), deadline: deadline)
        case .connecting(let connection, let deadline):
            guard isReady(connection.descriptor, for: POLLOUT) else { return }
            try connection.finishConnecting()
            try greet(connection, deadline: deadline)
        case .greeting(let connection, let deadline, let commands):
            try connection.flush()
            if isReady(connection.descriptor, for: POLLIN) { try connection.receive() }
            try readGreeting(connection, deadline: deadline, commands: commands)
        case .up(let connection, _):
            if isReady(connection.descriptor, for: POLLIN) {
                try connection.receive()
                try deliver(from: connection)
            }
            try send(over: connection)
        }
    }

    /// Authenticates, selects the database, and asks for a sign of life: a stopped server accepts connections too.
    private func greet(_ connection: RedisConnection, deadline: MonotonicTime) throws(RedisError) {
        var commands: [[RedisArgument]] = []
        if let password = configuration.password {
            commands.append(["AUTH"] + (configuration.user.map { [.string($0)] } ?? []) + [.string(password)])
        }
        if configuration.database != 0 { commands.append(["SELECT", .int(Int64(configuration.database))]) }
        commands.append(["PING"])
        var names: [String] = []
        for command in commands {
            try connection.append(RedisCommand(command))
            if case .string(let name)? = command.first { names.append(name) }
        }
        try connection.flush()
        state = .greeting(connection, deadline: deadline, commands: names[...])
    }

    private func readGreeting(
        _ connection: RedisConnection, deadline: MonotonicTime, commands: ArraySlice<String>
    ) throws(RedisError) {
        var commands = commands
        while let command = commands.first, let reply = try connection.nextReply() {
            if case .error(let text) = reply {
                throw RedisError(kind: .unavailable, message: "\(command) was refused: \(text)")
            }
            commands.removeFirst()
        }
        guard commands.isEmpty else {
            state = .greeting(connection, deadline: deadline, commands: commands)
            return
        }
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
        while let request = pending.popFirst() {
            // Whoever was cancelled before the send gets nothing sent.
            if request.isFinished { continue }
            // Noted before the first append: should that fail, the request is told.
            inFlight.append(InFlight(request: request))
            for command in request.commands { try connection.append(command) }
            metrics.commands.increment(by: request.commands.count)
        }
        try connection.flush()
    }

    /// Gives the replies that have come to the requests, in order.
    private func deliver(from connection: RedisConnection) throws(RedisError) {
        while let reply = try connection.nextReply() {
            guard var entry = inFlight.first else {
                throw RedisError(kind: .protocol, message: "a reply to no command")
            }
            entry.replies.append(reply)
            if entry.replies.count < entry.request.commands.count {
                inFlight.first = entry
                continue
            }
            inFlight.popFirst()
            metrics.duration.recordNanoseconds(MonotonicTime.now.nanoseconds - entry.request.submitted.nanoseconds)
            entry.request.finish(.success(entry.replies))
        }
    }

    /// Ends what has waited too long; a reply that is late takes its whole connection with it.
    private func expire() {
        let now = MonotonicTime.now
        switch state {
        case .connecting(_, let deadline), .greeting(_, let deadline, _):
            if deadline <= now {
                lost(RedisError(kind: .timeout, message: "no answer while connecting"))
            }
        case .up:
            if let oldest = inFlight.first, oldest.request.deadline <= now {
                lost(RedisError(kind: .timeout, message: "no reply in \(configuration.commandTimeout)"))
            }
        case .pausing:
            break
        }
        while let oldest = pending.first, oldest.deadline <= now {
            pending.popFirst()
            fail(oldest, RedisError(kind: .timeout, message: "no connection in \(configuration.commandTimeout)"))
        }
    }

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

    /// What `poll` looks at and found: the mailbox, and the connection's socket (-1: none).
    private var descriptors: [pollfd]

    private func isReady(_ descriptor: Int32, for events: Int32) -> Bool {
        let socket = descriptors[1]
        // An error or a hang-up shows when the socket is used.
        return socket.fd == descriptor && Int32(socket.revents) & (events | POLLERR | POLLHUP) != 0
    }

    /// Sleeps until the socket can be used, a caller wakes us, or a deadline passes.
    private func waitForEvents() {
        var next: MonotonicTime?
        var socket = pollfd(fd: -1, events: 0, revents: 0)
        switch state {
        case .pausing(let until):
            next = until
        case .connecting(let connection, let deadline):
            next = deadline
            socket = pollfd(fd: connection.descriptor, events: Int16(POLLOUT), revents: 0)
        case .greeting(let connection, let deadline, _):
            next = deadline
            socket = pollfd(fd: connection.descriptor, events: events(for: connection), revents: 0)
        case .up(let connection, _):
            next = inFlight.first?.request.deadline
            socket = pollfd(fd: connection.descriptor, events: events(for: connection), revents: 0)
        }
        if let oldest = pending.first { next = min(next ?? oldest.deadline, oldest.deadline) }
        descriptors[0].revents = 0
        descriptors[1] = socket
        _ = poll(&descriptors, nfds_t(descriptors.count), next?.pollTimeout(from: .now) ?? -1)
    }

    private func events(for connection: RedisConnection) -> Int16 {
        Int16(connection.hasUnsentBytes ? POLLIN | POLLOUT : POLLIN)
    }
}
