import CoreMetrics
import DriverSupport
import Glibc
import Logging

/// The work of the thread that is told of changed keys: it connects, listens, and asks a server that is silent for a sign
/// of life.
///
/// Made and used on that one thread only.
final class KeyWatchLoop {
    private enum State {
        case pausing(until: MonotonicTime)
        case connecting(ConnectAttempt)
        case up(RedisConnection)
    }

    /// The time a server may be silent before it is asked for a sign of life.
    private static let silence = Duration.seconds(1)

    private let configuration: RedisConfiguration
    private let prefixes: [String]
    private let mailbox: RedisMailbox
    private let logger: Logger
    private let tell: @Sendable (RedisKeyWatch.Event) -> Void
    /// The time it may take to give one.
    private let patience: Duration
    private let losses = Counter(label: "redis_key_watches_lost")
    private var backoff: Backoff
    private var turn = 0
    private var state = State.pausing(until: .now)
    private var tracking: TrackingState
    /// The time when the server was last heard.
    private var heardAt = MonotonicTime.now
    /// Since when an answer is awaited; nil while none is.
    private var askedAt: MonotonicTime?
    private var wait = SocketWait()

    init(
        _ configuration: RedisConfiguration, prefixes: [String], mailbox: RedisMailbox, logger: Logger,
        tell: @escaping @Sendable (RedisKeyWatch.Event) -> Void
    ) {
        self.configuration = configuration
        self.prefixes = prefixes
        self.mailbox = mailbox
        self.logger = logger
        self.tell = tell
        patience = max(configuration.commandTimeout, .seconds(1))
        backoff = Backoff(configuration.reconnectDelay)
        tracking = TrackingState(keyPrefix: configuration.keyPrefix, prefixes: prefixes)
    }

    /// Runs until the watch is closed.
    func run() {
        while mailbox.look() {
            do throws(RedisError) {
                try advance()
            } catch {
                lost(error)
            }
            waitForEvents()
        }
        if tracking.isListening { tell(.ended) }
        mailbox.threadEnded()
    }

    private func advance() throws(RedisError) {
        switch state {
        case .pausing(let until):
            guard until <= .now else { return }
            let attempt = try ConnectAttempt(
                configuration, turn: turn, wake: { [weak mailbox] in mailbox?.wake() }, heard: { _ in })
            turn = (turn + 1) % configuration.endpoints.count
            state = .connecting(attempt)
            try goOn(attempt)
        case .connecting(let attempt):
            try goOn(attempt)
        case .up(let connection):
            if wait.hasFound(POLLIN, of: connection.descriptor) { try hear(connection) }
            try watchSilence(connection)
            try connection.flush()
        }
    }

    private func goOn(_ attempt: ConnectAttempt) throws(RedisError) {
        guard let connection = try attempt.advance({ wait.hasFound($1, of: $0) }) else { return }
        state = .up(connection)
        tracking = TrackingState(keyPrefix: configuration.keyPrefix, prefixes: prefixes)
        heardAt = .now
        try ask(TrackingState.opening, connection)
        try connection.flush()
    }

    private func ask(_ command: [RedisArgument], _ connection: RedisConnection) throws(RedisError) {
        try connection.append(RedisCommands(one: command))
        askedAt = .now
    }

    private func hear(_ connection: RedisConnection) throws(RedisError) {
        try connection.receive()
        while let reply = try connection.nextReply() {
            heardAt = .now
            askedAt = nil
            switch try tracking.take(reply) {
            case .send(let command): try ask(command, connection)
            case .tell(let event):
                if event == .began {
                    backoff.reset()
                    logger.debug("changes in redis are told", metadata: ["server": "\(configuration.redacted)"])
                }
                tell(event)
            case nil: break
            }
        }
    }

    private func watchSilence(_ connection: RedisConnection) throws(RedisError) {
        let now = MonotonicTime.now
        if let askedAt {
            // What lies in the kernel has come in time.
            guard askedAt + patience <= now, connection.unreadBytes == 0 else { return }
            throw RedisError(kind: .timeout, message: "no sign of life in \(patience)")
        }
        if heardAt + Self.silence <= now { try ask(["PING"], connection) }
    }

    private func lost(_ error: RedisError) {
        if tracking.isListening {
            losses.increment()
            tell(.ended)
        }
        logger.debug(
            "changes in redis are not told",
            metadata: ["server": "\(configuration.redacted)", "error": "\(error.message)"])
        tracking = TrackingState(keyPrefix: configuration.keyPrefix, prefixes: prefixes)
        askedAt = nil
        state = .pausing(until: .now + backoff.next())
    }

    /// Sleeps until the socket can be used, somebody wakes us, or a moment comes.
    private func waitForEvents() {
        var next: MonotonicTime?
        var interest: (descriptor: Int32, events: Int32)?
        switch state {
        case .pausing(let until):
            next = until
        case .connecting(let attempt):
            interest = attempt.interest
            // A name is looked up as long as that takes.
            if interest != nil { next = attempt.deadline }
        case .up(let connection):
            next = askedAt.map { $0 + patience } ?? heardAt + Self.silence
            interest = (connection.descriptor, connection.hasUnsentBytes ? POLLIN | POLLOUT : POLLIN)
        }
        wait.sleep(over: mailbox, for: interest, until: next)
    }
}
