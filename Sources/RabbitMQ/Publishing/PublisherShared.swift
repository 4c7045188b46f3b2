import DriverSupport
import Logging

/// The state that the publisher's tasks and its thread share: a mailbox, the calls without an answer and the visible
/// state.
final class PublisherShared: Sendable {
    /// The contents that the thread finds in the mailbox.
    struct Mail {
        var calls: [OpenPublish] = []
        var wantsConnection = false
    }

    private struct Box {
        var mail = Mail()
        /// All calls without an answer.
        var open: [UInt64: OpenPublish] = [:]
        /// No deadline lies before this moment.
        var nextExpiry: MonotonicTime?
        var isClosed = false
    }

    let configuration: RabbitMQConfiguration
    let control: ThreadControl
    let status: ConnectionStatus
    let metrics: ConnectionMetrics
    private let box: Mailbox<Box>

    init(configuration: RabbitMQConfiguration, logger: Logger) {
        self.configuration = configuration
        control = ThreadControl(name: "mq-publisher")
        box = Mailbox(Box(), wake: control.wake)
        metrics = ConnectionMetrics(connection: configuration.name)
        status = ConnectionStatus(logger: logger, metrics: metrics, configuration: configuration)
    }

    // MARK: For tasks

    /// Hands a call to the thread; it will be answered.
    func submit(_ publish: OpenPublish) {
        do throws(RabbitMQError) {
            try start()
            let isAccepted = try post { box in
                // A task cancelled before this has run its handler already: nobody would cancel the call later.
                if Task.isCancelled { return false }
                box.open[publish.id] = publish
                box.nextExpiry = earliest(box.nextExpiry, publish.deadline)
                box.mail.calls.append(publish)
                return true
            }
            if !isAccepted { publish.cancel() }
        } catch {
            publish.fail { _ in error }
        }
    }

    /// Answers the call of a cancelled task.
    func cancel(_ id: UInt64) {
        guard let publish = box.withContents({ $0.open.removeValue(forKey: id) }) else { return }
        publish.cancel()
        // Closing may have waited for it.
        control.wake.signal()
    }

    /// Has the thread connect without anything to publish.
    func connect() throws(RabbitMQError) {
        try start()
        _ = try post { box in
            box.mail.wantsConnection = true
            return true
        }
    }

    /// Accepts nothing more; the thread ends when all is answered.
    func beginClosing() {
        box.withContents { $0.isClosed = true }
        control.stop()
    }

    private func start() throws(RabbitMQError) {
        try control.start { [self] in
            Watchdog.shared.watch(self)
            PublisherLoop(self).run()
            Watchdog.shared.forget(self)
        }
    }

    private func post(_ change: (inout Box) -> Bool) throws(RabbitMQError) -> Bool {
        try box.post { box throws(RabbitMQError) in
            if box.isClosed { throw RabbitMQError(.closed, "the publisher \(configuration.name) is closed") }
            return change(&box)
        }
    }

    // MARK: For the thread

    /// The mail since the last time.
    func takeMail() -> Mail {
        box.take { box in
            defer { box.mail = Mail() }
            return box.mail
        }
    }

    /// Waits for mail, input on the socket, or the moment.
    func wait(alsoOn socket: Int32 = -1, until moment: MonotonicTime?) {
        box.wait(alsoOn: socket, until: moment)
    }

    /// Whether every call is answered.
    var hasNoOpenCalls: Bool { box.withContents { $0.open.isEmpty } }

    /// No deadline lies before this moment.
    var nextExpiry: MonotonicTime? { box.withContents { $0.nextExpiry } }

    /// Notes that a call has been answered.
    func answered(_ publish: OpenPublish) {
        box.withContents { _ = $0.open.removeValue(forKey: publish.id) }
    }

    /// Answers all calls of which something was sent.
    func failSent(_ error: RabbitMQError) {
        let sent = box.withContents { box in
            let sent = box.open.values.filter { $0.sent > 0 }
            for publish in sent { box.open[publish.id] = nil }
            return sent
        }
        for publish in sent { publish.fail { error.asSeen(by: $0) } }
    }

    /// Answers all calls.
    func failAll(_ error: RabbitMQError) {
        let calls = box.withContents { box in
            defer {
                box.open = [:]
                box.nextExpiry = nil
            }
            return Array(box.open.values)
        }
        for publish in calls { publish.fail { _ in error } }
    }
}

extension PublisherShared: Watched {
    /// Answers the calls whose deadline has passed: also while the thread hangs in the library or is connecting.
    @discardableResult
    func look(at now: MonotonicTime) -> Bool {
        let (late, isBusy) = box.withContents { box -> ([OpenPublish], Bool) in
            guard let moment = box.nextExpiry, moment <= now else { return ([], !box.open.isEmpty) }
            let late = box.open.values.filter { $0.deadline <= now }
            for publish in late { box.open[publish.id] = nil }
            box.nextExpiry = box.open.values.lazy.map(\.deadline).min()
            return (late, !box.open.isEmpty)
        }
        if !late.isEmpty {
            let error = expiryError
            for publish in late { publish.fail { _ in error } }
        }
        return isBusy
    }

    private var expiryError: RabbitMQError {
        if status.isBlocked { return RabbitMQError(.blocked, "the broker accepts no publishes and time ran out") }
        if !status.isConnected {
            return RabbitMQError(.connectionFailed, status.lastError?.text ?? "not connected in time")
        }
        return RabbitMQError(.timeout, "no confirm in time")
    }
}

extension RabbitMQError {
    /// A refusal closes the channel for everybody's messages; only calls that name the refused exchange caused it.
    fileprivate func asSeen(by messages: [RabbitMQMessage]) -> RabbitMQError {
        guard code != nil, text.contains("exchange '") else { return self }
        if messages.contains(where: { text.contains("exchange '\($0.exchange)'") }) { return self }
        return RabbitMQError(.connectionLost, "another publish on the connection was refused")
    }
}
