import Logging
import Synchronization

/// What the publisher's tasks and its thread share: a mailbox and the visible state.
final class PublisherShared: Sendable {
    /// What the thread finds in the mailbox.
    struct Mail {
        var requests: [PublishRequest] = []
        var cancelled: [UInt64] = []
        var wantsConnection = false

        var isEmpty: Bool { requests.isEmpty && cancelled.isEmpty && !wantsConnection }
    }

    private struct Box {
        var mail = Mail()
        var isClosed = false
    }

    let configuration: RabbitMQConfiguration
    let control: ThreadControl
    let status: ConnectionStatus
    let metrics: ConnectionMetrics
    private let box = Mutex(Box())

    init(configuration: RabbitMQConfiguration, logger: Logger) {
        self.configuration = configuration
        control = ThreadControl(name: "mq-publisher")
        metrics = ConnectionMetrics(connection: configuration.name)
        status = ConnectionStatus(logger: logger, metrics: metrics, configuration: configuration)
    }

    /// Hands a request to the thread, which will answer it.
    func submit(_ request: PublishRequest) {
        // A task cancelled before this has run its handler already: nobody would cancel the request later.
        if Task.isCancelled {
            request.continuation.resume(throwing: CancellationError())
            return
        }
        do throws(RabbitMQError) {
            try start()
            try post { $0.requests.append(request) }
        } catch {
            request.continuation.resume(throwing: error)
        }
    }

    /// Tells the thread that nobody waits for a request any more.
    func cancel(_ id: UInt64) {
        // After closing everything is answered anyway.
        try? post { $0.cancelled.append(id) }
    }

    /// Has the thread connect without anything to publish.
    func connect() throws(RabbitMQError) {
        try start()
        try post { $0.wantsConnection = true }
    }

    /// Accepts nothing more; the thread ends when all is answered.
    func beginClosing() {
        box.withLock { $0.isClosed = true }
        control.stop()
    }

    /// The mail since the last time, for the thread.
    func takeMail() -> Mail {
        box.withLock { box in
            if box.mail.isEmpty { return Mail() }
            defer { box.mail = Mail() }
            return box.mail
        }
    }

    private func start() throws(RabbitMQError) {
        try control.start { [self] in PublisherLoop(self).run() }
    }

    private func post(_ change: (inout Mail) -> Void) throws(RabbitMQError) {
        let mustSignal = try box.withLock { box throws(RabbitMQError) in
            if box.isClosed { throw RabbitMQError(.closed, "the publisher \(configuration.name) is closed") }
            let wasEmpty = box.mail.isEmpty
            change(&box.mail)
            return wasEmpty
        }
        if mustSignal { control.wake.signal() }
    }
}
