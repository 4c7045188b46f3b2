public import FoundationEssentials
public import Logging
import Metrics
public import RabbitMQ
public import ServiceLifecycle
import Synchronization
import Telemetry

/// Binds a service's queues again, at start and once a minute, and counts its dead letters.
///
/// A binding that somebody has removed is noticed by nobody: the broker routes past the queue, and a message that any
/// other queue takes counts as routed. AMQP cannot ask for bindings, but making one that is there changes nothing. With
/// an operator's view one that was missing is reported first, and so is a policy that would lose messages.
public final class QueueKeeper: Service {
    private let topology: ServiceTopology
    private let admin: RabbitMQAdmin
    private let interval: Duration
    private let deadLetterLimit: Int
    private let logger: Logger
    private let log: LoopLog
    private let isAlarmed = Atomic(false)
    private let watch: BindingWatch?

    /// - Parameters:
    ///   - deadLetterLimit: How many dead letters are an alarm.
    ///   - interval: How often it looks.
    ///   - view: What tells of bindings and policies; nil for nothing: then bindings are made again unseen.
    ///   - replay: The commands that have messages of a type sent again, from a time on; nil for all that was kept.
    ///   - note: Keeps for operators that a binding is missing whose messages such commands send again, and later that
    ///     it is there again; repeated until it succeeds.
    public init(
        topology: ServiceTopology, broker: RabbitMQConfiguration, deadLetterLimit: Int,
        interval: Duration = .seconds(60), view: (any BrokerView)? = nil,
        replay: @escaping @Sendable (_ type: String, _ since: Date?) -> [String] = { _, _ in [] },
        note: @escaping @Sendable (BindingLoss) async throws -> Void = { _ in }, logger: Logger
    ) {
        self.topology = topology
        self.interval = interval
        self.deadLetterLimit = deadLetterLimit
        self.logger = logger
        admin = RabbitMQAdmin(configuration: broker, logger: logger)
        watch = view.map { BindingWatch(topology: topology, view: $0, replay: replay, note: note, logger: logger) }
        log = LoopLog("the binding of the queues of \(topology.service)", logger: logger)
    }

    /// Runs until it is cancelled or asked to stop gracefully.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    if try await self.look() { self.log.goesOn() }
                } catch {
                    if !Task.isCancelled { self.log.heldUp(error) }
                }
                try? await Task.sleep(for: self.interval)
            }
        }
        await admin.close()
    }

    /// Makes every binding, and counts the dead letters. A binding that the broker refuses is logged, and keeps no other
    /// from being made.
    ///
    /// - Returns: Whether all bindings are made.
    @discardableResult
    func look() async throws -> Bool {
        await watch?.look()
        var refused: [RefusedBinding] = []
        for queue in topology.queues {
            for binding in queue.bindings {
                do {
                    try await admin.bind(queue: queue.name, exchange: binding.exchange, routingKey: binding.routingKey)
                } catch let error as RabbitMQError where error.isRefusal {
                    refused.append(RefusedBinding(queue: queue.name, binding: binding, cause: error))
                }
            }
        }
        for binding in refused { log.heldUp(binding) }
        await watch?.noteBound(except: refused)
        try await countDeadLetters()
        return refused.isEmpty
    }

    private func countDeadLetters() async throws {
        let count = try await admin.checkQueue(topology.dead).messages
        Gauge(label: "shop_dead_letters", dimensions: [("service", topology.service)]).record(count)
        let isAlarm = count > deadLetterLimit
        guard isAlarmed.exchange(isAlarm, ordering: .relaxed) != isAlarm else { return }
        if isAlarm {
            let alarm = TooManyDeadLetters(service: topology.service, count: count, limit: deadLetterLimit)
            logger.error("too many dead letters", metadata: ["error": "\(alarm)"])
        } else {
            logger.info("the dead letters are few again", metadata: ["count": "\(count)"])
        }
    }
}

/// A binding that the broker did not let be made.
struct RefusedBinding: Error, CustomStringConvertible {
    let queue: String
    let binding: QueueBinding
    let cause: RabbitMQError

    var description: String {
        "\(queue) cannot be bound to \(binding.exchange) under \(binding.routingKey): \(cause)"
    }
}

extension RabbitMQError {
    /// Whether it is about what was asked for: the next thing may be done over the same connection.
    fileprivate var isRefusal: Bool {
        switch kind {
        case .notFound, .preconditionFailed, .accessRefused, .resourceLocked: true
        default: false
        }
    }
}

/// More messages were given up on than an operator has said are normal.
public struct TooManyDeadLetters: Error, CustomStringConvertible {
    public let service: String
    public let count: Int
    public let limit: Int

    public init(service: String, count: Int, limit: Int) {
        self.service = service
        self.count = count
        self.limit = limit
    }

    public var description: String { "\(service) has \(count) dead letters, more than \(limit)" }
}
