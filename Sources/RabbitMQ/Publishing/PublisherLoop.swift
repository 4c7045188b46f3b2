import DriverSupport
import Logging
import Metrics

/// The work of a publisher's thread: the only one to touch the connection.
final class PublisherLoop {
    /// A message under way to the broker.
    private struct SentMessage {
        let publish: OpenPublish
        let index: Int
    }

    /// The most that is sent before looking whether the broker says something.
    private static let flushMessages = 64
    private static let flushBytes = 1 << 20

    private let shared: PublisherShared
    private var connection: BrokerConnection?
    private var wantsConnection = false
    private var backoff: Backoff
    private var nextAttempt = MonotonicTime.now
    private var tracker = ConfirmTracker<SentMessage>()
    private var queue = PublishQueue()

    init(_ shared: PublisherShared) {
        self.shared = shared
        backoff = Backoff(shared.configuration.reconnectDelay)
    }

    func run() {
        while true {
            takeMail()
            let isStopping = shared.control.isStopping
            if isStopping, shared.hasNoOpenCalls || connection == nil { break }
            shared.look(at: .now)
            if let connection {
                serve(connection)
            } else if wantsConnection, nextAttempt < .now {
                connect()
            } else {
                let attempt = wantsConnection ? nextAttempt : nil
                shared.wait(until: earliest(attempt, shared.nextExpiry))
            }
        }
        // What came in since is answered too.
        shared.failAll(RabbitMQError(.closed, "the publisher \(shared.configuration.name) is closed"))
        connection?.close()
        connection = nil
        shared.status.closed()
    }

    private func takeMail() {
        let mail = shared.takeMail()
        if mail.wantsConnection || !mail.calls.isEmpty { wantsConnection = true }
        for publish in mail.calls { queue.append(publish) }
    }

    // MARK: Connected

    private func serve(_ connection: BrokerConnection) {
        do throws(RabbitMQError) {
            try flush(connection)
            try drain(connection)
            // Confirms may have made room for more.
            if hasMoreToSend { return }
            connection.wait(until: shared.nextExpiry) { shared.wait(alsoOn: $0, until: $1) }
            try drain(connection)
        } catch {
            lose(connection, error)
        }
    }

    private var hasMoreToSend: Bool {
        !queue.isEmpty && tracker.unconfirmed < shared.configuration.maximumUnconfirmed && !shared.status.isBlocked
    }

    private func flush(_ connection: BrokerConnection) throws(RabbitMQError) {
        queue.dropDone()
        while hasMoreToSend {
            try sendNext(connection)
            if hasMoreToSend { try drain(connection) }
        }
    }

    private func sendNext(_ connection: BrokerConnection) throws(RabbitMQError) {
        let room = min(Self.flushMessages, shared.configuration.maximumUnconfirmed - tracker.unconfirmed)
        let turns = queue.turns(count: room, bytes: Self.flushBytes)
        // Also when sending fails half-way: what was not sent stays.
        defer { queue.dropDone() }
        try connection.publish(turns.lazy.map(\.message)) { position in
            let turn = turns[position]
            guard turn.publish.willSend(turn.index) else { return false }
            tracker.add(SentMessage(publish: turn.publish, index: turn.index))
            shared.metrics.published.increment()
            return true
        }
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

    private func settle(_ settled: [ConfirmTracker<SentMessage>.Settled]) {
        for one in settled {
            shared.metrics.count(one.outcome)
            let publish = one.message.publish
            if publish.settle(one.message.index, one.outcome) { shared.answered(publish) }
        }
    }

    private func markReturned(_ info: ReturnInfo, _ properties: MessageProperties, _ body: [UInt8]) {
        let returned = RabbitMQMessage(
            exchange: info.exchange, routingKey: info.routingKey, body: body, properties: properties)
        let isFound = tracker.markReturned(code: info.code, reason: info.reason) { sent in
            sent.publish.isReturned(sent.index, as: returned)
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
            queue.removeAll()
            shared.failAll(error)
        }
    }

    private func lose(_ connection: BrokerConnection, _ error: RabbitMQError) {
        // A refusal leaves the library's state sound, and the broker likes to be told.
        if error.code == nil { connection.abandon() } else { connection.close() }
        self.connection = nil
        tracker = ConfirmTracker()
        nextAttempt = .now + backoff.next()
        shared.status.failed(error)
        shared.failSent(error)
        queue.dropDone()
    }
}
