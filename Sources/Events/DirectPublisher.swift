import Logging
import Metrics
import RabbitMQ
import ServiceLifecycle
import Synchronization
import Telemetry

/// Publishes messages that follow from rows, straight after the commit of these: they have no outbox.
///
/// Who handles messages awaits the confirms (``publish(_:)``), and acknowledges afterwards. A call does not
/// (``submit(_:)``): its messages wait in memory, for a broker that is away too, and are sent in their order, but
/// that those of one type that are sent at once travel as one AMQP message (``MessageBatch``). What no
/// queue took waits for its next try. The memory is bounded, and lost with the process: what is not in it any more is
/// said again by whoever sees to the rows.
final class DirectPublisher: Service {
    /// The most messages that wait to be sent, and the most that wait for their next try.
    static let capacity = 4096
    private static let batchSize = 512

    private struct State {
        var waiting: [Envelope] = []
        var postponed = PostponedMessages(capacity: DirectPublisher.capacity)
        var isStopping = false
    }

    let service: String
    private let publisher: RabbitMQPublisher
    private let logger: Logger
    private let log: LoopLog
    private let wake = Wake()
    private let state = Mutex(State())

    init(service: String, publisher: RabbitMQPublisher, logger: Logger) {
        self.service = service
        self.publisher = publisher
        self.logger = logger
        log = LoopLog("the sending of saga messages", logger: logger)
    }

    /// Whether the broker takes messages just now, as far as is known.
    var reach: BrokerReach {
        if publisher.isBlocked { return .away }
        if publisher.isConnected { return .ready }
        return publisher.lastError == nil ? .connecting : .away
    }

    /// Publishes messages and awaits the broker's word. What it did not take, or could not route, is tried again later.
    ///
    /// - Throws: ``PublishFailure`` if it is not known whether the broker has all of them.
    func publish(_ messages: [Envelope]) async throws {
        guard !messages.isEmpty else { return }
        let types = messages.map(\.type)
        CrashPoint.beforePublish.reached(types)
        let shares = MessageBatch.shares(of: messages)
        let outcomes: [PublishOutcome]
        do {
            outcomes = try await publisher.publish(try shares.map { try Self.message($0) })
        } catch let error as RabbitMQError {
            throw PublishFailure(error)
        }
        CrashPoint.afterPublish.reached(types)
        settle(zip(shares, outcomes).flatMap { share, outcome in share.map { ($0, outcome) } })
    }

    /// Has messages published soon, and does not wait for it.
    func submit(_ messages: [Envelope]) {
        guard !messages.isEmpty else { return }
        let dropped = state.withLock { state in
            let space = max(Self.capacity - state.waiting.count, 0)
            state.waiting += messages.prefix(space)
            return max(messages.count - space, 0)
        }
        drop(dropped)
        wake.ring()
    }

    /// Publishes, unless the broker is away, what only wakes others and is not missed.
    func wakeOthers(_ messages: [Envelope]) {
        guard !messages.isEmpty, reach != .away else { return }
        let publisher = publisher
        Task {
            let shares = MessageBatch.shares(of: messages)
            _ = try? await publisher.publish(try shares.map { try Self.message($0, mandatory: false) })
        }
    }

    /// Sends what was submitted until it is cancelled, or asked to stop gracefully: then it sends what is left first.
    func run() async throws {
        try? publisher.connect()
        await withGracefulShutdownHandler {
            var backoff = Backoff(initial: .milliseconds(50), limit: .seconds(1))
            while !Task.isCancelled {
                let isLast = state.withLock { $0.isStopping }
                let messages = take()
                if messages.isEmpty {
                    if isLast { return }
                    await wake.wait(atMost: state.withLock { $0.postponed.nextDue } ?? .seconds(60))
                    continue
                }
                do {
                    try await publish(messages)
                    log.goesOn()
                    backoff.reset()
                } catch let failure as PublishFailure where failure.error.kind == .invalidMessage {
                    // One of them can never be sent, and must not hold up the others: their rows have them said again.
                    state.withLock { $0.postponed.forget(messages) }
                    drop(messages.count)
                    log.heldUp(failure)
                } catch {
                    putBack(messages)
                    // Nothing to flush to while the broker is gone: the rows tell what there is to say.
                    if Task.isCancelled || isLast { return }
                    log.heldUp(error, metadata: ["messages": "\(messages.count)"])
                    try? await Task.sleep(for: backoff.next())
                }
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.isStopping = true }
            self.wake.ring()
        }
    }

    /// The number of messages that wait in memory.
    var waitingCount: Int { state.withLock { $0.waiting.count + $0.postponed.count } }

    private func take() -> [Envelope] {
        state.withLock { state in
            let due = state.postponed.takeDue(limit: Self.batchSize)
            let fresh = state.waiting.prefix(Self.batchSize)
            state.waiting.removeFirst(fresh.count)
            return due + fresh
        }
    }

    private func putBack(_ messages: [Envelope]) {
        let dropped = state.withLock { state in
            let space = max(Self.capacity - state.waiting.count, 0)
            state.waiting.insert(contentsOf: messages.prefix(space), at: 0)
            // What is dropped is on its next try no more.
            state.postponed.forget(Array(messages.dropFirst(space)))
            return max(messages.count - space, 0)
        }
        drop(dropped)
    }

    private func drop(_ count: Int) {
        guard count > 0 else { return }
        Counter(label: "shop_direct_dropped", dimensions: [("service", service)]).increment(by: count)
        logger.debug("no memory for messages; they follow from rows", metadata: ["count": "\(count)"])
    }

    /// The AMQP message of messages that travel together.
    private static func message(_ share: [Envelope], mandatory: Bool = true) throws -> RabbitMQMessage {
        let envelope = share.count == 1 ? share[0] : try MessageBatch.envelope(of: share)
        return WireFormat.message(
            envelope, exchange: Topology.eventsExchange, routingKey: share[0].type, mandatory: mandatory)
    }

    private func settle(_ outcomes: [(Envelope, PublishOutcome)]) {
        var taken: [Envelope] = []
        var postponed: [(message: Envelope, error: String)] = []
        for (message, outcome) in outcomes {
            switch outcome {
            case .confirmed: taken.append(message)
            case .nacked: postponed.append((message, "the broker refused it"))
            case .returned(let code, let reason): postponed.append((message, "no queue took it: \(code) \(reason)"))
            }
        }
        Counter(label: "shop_direct_published", dimensions: [("service", service)]).increment(by: taken.count)
        let leftOut = state.withLock { state in
            state.postponed.forget(taken)
            return state.postponed.add(postponed.map(\.message))
        }
        drop(leftOut)
        guard let first = postponed.first else { return }
        wake.ring()
        Counter(label: "shop_outbox_postponed", dimensions: [("service", service)]).increment(by: postponed.count)
        logger.error(
            "messages wait to be sent again",
            metadata: ["count": "\(postponed.count)", "type": "\(first.message.type)", "error": "\(first.error)"])
    }
}

/// Whether a process's messages get through to the broker.
public enum BrokerReach: Sendable {
    case ready
    /// Not connected yet, and nothing is known against it.
    case connecting
    /// It cannot be reached, or takes no messages for now.
    case away
}

/// The broker's word on messages that follow from rows did not come.
struct PublishFailure: Error, CustomStringConvertible {
    let error: RabbitMQError

    init(_ error: RabbitMQError) { self.error = error }

    var description: String { "what follows from the commit could not be published: \(error)" }
}
