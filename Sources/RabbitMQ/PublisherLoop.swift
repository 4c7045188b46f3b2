import Logging
import Metrics

/// The work of a publisher's thread: the only one to touch the connection.
final class PublisherLoop {
    /// A message under way to the broker.
    private struct PendingMessage {
        let publish: OpenPublish
        let index: Int
        var message: RabbitMQMessage { publish.request.messages[index] }
    }

    /// The most that is sent before looking whether the broker says something.
    private static let flushMessages = 64
    private static let flushBytes = 1 << 20

    private let shared: PublisherShared
    private var connection: BrokerConnection?
    private var wantsConnection = false
    private var backoff: ReconnectBackoff
    private var nextAttempt = MonotonicTime.now
    private var tracker = ConfirmTracker<PendingMessage>()
    /// All calls without an answer.
    private var open: [UInt64: OpenPublish] = [:]
    /// Those of them with messages not sent yet, in order.
    private var queue = FIFO<OpenPublish>()
    /// No deadline lies before this moment.
    private var nextExpiry: MonotonicTime?

    init(_ shared: PublisherShared) {
        self.shared = shared
        backoff = ReconnectBackoff(shared.configuration.reconnectDelay)
    }

    func run() {
        while true {
            takeMail()
            let isStopping = shared.control.isStopping
            if isStopping, open.isEmpty || connection == nil { break }
            expire()
            if let connection {
                serve(connection)
            } else if wantsConnection, nextAttempt < .now {
                connect()
            } else {
                let attempt = wantsConnection ? nextAttempt : nil
                shared.control.wake.sleep(until: earliest(attempt, nextExpiry))
            }
        }
        // What came in since is answered too.
        takeMail()
        failAll(RabbitMQError(.closed, "the publisher \(shared.configuration.name) is closed"))
        connection?.close()
        connection = nil
        shared.status.closed()
    }

    private func takeMail() {
        let mail = shared.takeMail()
        if mail.wantsConnection { wantsConnection = true }
        for request in mail.requests {
            wantsConnection = true
            let publish = OpenPublish(request)
            open[request.id] = publish
            queue.append(publish)
            nextExpiry = earliest(nextExpiry, request.deadline)
        }
        for id in mail.cancelled { open.removeValue(forKey: id)?.cancel() }
    }

    // MARK: Connected

    private func serve(_ connection: BrokerConnection) {
        do throws(RabbitMQError) {
            try flush(connection)
            try drain(connection)
            // Confirms may have made room for more.
            if hasMoreToSend { return }
            connection.wait(shared.control.wake, until: nextExpiry)
            try drain(connection)
        } catch {
            lose(connection, error)
        }
    }

    private var hasMoreToSend: Bool {
        !queue.isEmpty && tracker.unconfirmed < shared.configuration.maximumUnconfirmed && !shared.status.isBlocked
    }

    private func flush(_ connection: BrokerConnection) throws(RabbitMQError) {
        while hasMoreToSend {
            let chunk = nextChunk()
            if chunk.isEmpty { continue }
            try connection.publish(chunk.lazy.map(\.message)) { index in
                let pending = chunk[index]
                _ = pending.publish.sendNext()
                tracker.add(pending)
                shared.metrics.published.increment()
            }
            if hasMoreToSend { try drain(connection) }
        }
    }

    /// The next messages to send, from one call or from many.
    private func nextChunk() -> [PendingMessage] {
        let room = min(Self.flushMessages, shared.configuration.maximumUnconfirmed - tracker.unconfirmed)
        var chunk: [PendingMessage] = []
        var bytes = 0
        while let publish = queue.first, chunk.count < room, bytes < Self.flushBytes {
            var index = publish.sent
            if !publish.isFinished {
                while index < publish.request.messages.count, chunk.count < room, bytes < Self.flushBytes {
                    let pending = PendingMessage(publish: publish, index: index)
                    bytes += pending.message.body.count
                    chunk.append(pending)
                    index += 1
                }
                if index < publish.request.messages.count { break }
            }
            queue.removeFirst()
        }
        return chunk
    }

    private func drain(_ connection: BrokerConnection) throws(RabbitMQError) {
        while let event = try connection.nextEvent() {
            switch event {
            case .method(.ack(let tag, let multiple)):
                settle(try tracker.acknowledge(tag: tag, multiple: multiple))
            case .method(.nack(let tag, let multiple)):
                settle(try tracker.reject(tag: tag, multiple: multiple))
            case .returned(let info, let properties, let body):
                markReturned(info, properties, body)
            case .method(.blocked(let reason)):
                shared.status.blocked(reason)
            case .method(.unblocked):
                shared.status.unblocked()
            default:
                break
            }
        }
    }

    private func settle(_ settled: [ConfirmTracker<PendingMessage>.Settled]) {
        for one in settled {
            shared.metrics.count(one.outcome)
            let publish = one.message.publish
            if publish.settle(one.message.index, one.outcome) { open.removeValue(forKey: publish.request.id) }
        }
    }

    private func markReturned(_ info: ReturnInfo, _ properties: MessageProperties, _ body: [UInt8]) {
        let isFound = tracker.markReturned(code: info.code, reason: info.reason) { pending in
            let message = pending.message
            return message.mandatory && message.routingKey == info.routingKey && message.exchange == info.exchange
                && message.properties.messageID == properties.messageID
                && message.properties.correlationID == properties.correlationID && message.body == body
        }
        if !isFound { shared.status.notice("RabbitMQ returned a message that is not under way") }
    }

    // MARK: Not connected

    private func connect() {
        do throws(RabbitMQError) {
            let connection = try shared.control.open(shared.configuration)
            try connection.selectConfirms()
            self.connection = connection
            backoff.reset()
            shared.status.connected()
        } catch {
            nextAttempt = .now + backoff.next()
            shared.status.failed(error)
            // Nobody profits from waiting: the caller knows best whether to try again.
            takeMail()
            failAll(error)
        }
    }

    private func lose(_ connection: BrokerConnection, _ error: RabbitMQError) {
        // A refusal leaves the library's state sound, and the broker likes to be told.
        if error.code == nil { connection.abandon() } else { connection.close() }
        self.connection = nil
        tracker = ConfirmTracker()
        nextAttempt = .now + backoff.next()
        shared.status.failed(error)
        for (id, publish) in open where publish.sent > 0 {
            publish.fail(error.asSeen(by: publish.request.messages))
            open.removeValue(forKey: id)
        }
    }

    private func failAll(_ error: RabbitMQError) {
        for publish in open.values { publish.fail(error) }
        open.removeAll()
        queue = FIFO()
        nextExpiry = nil
    }

    // MARK: Deadlines

    private func expire() {
        guard let moment = nextExpiry, moment <= .now else { return }
        let now = MonotonicTime.now
        nextExpiry = nil
        for (id, publish) in open {
            if publish.request.deadline <= now {
                publish.fail(expiryError())
                open.removeValue(forKey: id)
            } else {
                nextExpiry = earliest(nextExpiry, publish.request.deadline)
            }
        }
    }

    private func expiryError() -> RabbitMQError {
        if shared.status.isBlocked {
            return RabbitMQError(.blocked, "the broker accepts no publishes and time ran out")
        }
        if connection == nil {
            return RabbitMQError(.connectionFailed, shared.status.lastError?.text ?? "not connected in time")
        }
        return RabbitMQError(.timeout, "no confirm in time")
    }
}

/// The earlier of two moments that may be none.
func earliest(_ one: MonotonicTime?, _ other: MonotonicTime?) -> MonotonicTime? {
    guard let one else { return other }
    guard let other else { return one }
    return min(one, other)
}

extension RabbitMQError {
    /// A refusal closes the channel for everybody's messages; only calls that name the refused exchange caused it.
    fileprivate func asSeen(by messages: [RabbitMQMessage]) -> RabbitMQError {
        guard code != nil, text.contains("exchange '") else { return self }
        if messages.contains(where: { text.contains("exchange '\($0.exchange)'") }) { return self }
        return RabbitMQError(.connectionLost, "another publish on the connection was refused")
    }
}
