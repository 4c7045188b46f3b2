import DriverSupport
import Metrics

/// The work of a consumer's thread: the only one to touch the connection.
final class ConsumerLoop {
    private let shared: ConsumerShared
    private var backoff: Backoff
    /// Counts connections, so that a delivery cannot be settled on another than its own.
    private var generation: UInt64 = 1
    private var ledger = AckLedger()

    init(_ shared: ConsumerShared) {
        self.shared = shared
        backoff = Backoff(shared.configuration.reconnectDelay)
    }

    func run() {
        // After stop() without a connection there is nothing left to do for one.
        while !shared.control.isStopping, !shared.isStopping {
            var failure: RabbitMQError?
            do throws(RabbitMQError) {
                let connection = try shared.control.open(shared.configuration)
                // Meanwhile nobody may want deliveries any more.
                if shared.isStopping { connection.close() } else { try serve(connection) }
            } catch {
                if !shared.control.isStopping { shared.status.failed(error) }
                failure = error
            }
            generation += 1
            shared.lost(nextGeneration: generation, failure)
            pause(until: .now + backoff.next())
        }
        shared.status.closed()
        for command in shared.ended() { command.continuation.resume(throwing: RabbitMQError.stale) }
    }

    /// Waits before the next attempt.
    private func pause(until moment: MonotonicTime) {
        while !shared.control.isStopping, !shared.lookForStop() {
            if moment <= .now { return }
            shared.wait(until: moment)
        }
    }

    // MARK: Connected

    private func serve(_ connection: BrokerConnection) throws(RabbitMQError) {
        do throws(RabbitMQError) {
            let tag = try begin(connection)
            try work(connection, consumerTag: tag)
            connection.close()
        } catch {
            // A refusal leaves the library's state sound, and the broker likes to be told.
            if error.code == nil { connection.abandon() } else { connection.close() }
            throw error
        }
    }

    /// Declares, subscribes, and returns the consumer's tag.
    private func begin(_ connection: BrokerConnection) throws(RabbitMQError) -> String {
        let options = shared.options
        var queue = shared.queue
        if let declaration = options.declare {
            queue = try connection.declareQueue(queue, passive: false, declaration: declaration).name
            for binding in declaration.bindings {
                try connection.bind(
                    queue: queue, exchange: binding.exchange, routingKey: binding.routingKey, arguments: [:])
            }
        }
        try connection.setPrefetch(UInt16(clamping: max(options.prefetch, 1)))
        ledger = AckLedger()
        let tag = try connection.consume(
            queue: queue, tag: options.consumerTag ?? "", isExclusive: options.exclusive, arguments: options.arguments)
        shared.status.connected()
        shared.ready(generation: generation, queueName: queue)
        backoff.reset()
        return tag
    }

    private func work(_ connection: BrokerConnection, consumerTag: String) throws(RabbitMQError) {
        var isConsuming = true
        while !shared.control.isStopping {
            try settleAll(connection)
            if isConsuming, shared.isStopping {
                try connection.cancelConsumer(tag: consumerTag)
                isConsuming = false
            }
            let arrived = try receive(connection)
            var nextDue: MonotonicTime?
            if isConsuming {
                nextDue = shared.deliver(arrived)
            } else {
                try giveBack(arrived, connection)
                shared.stopped()
            }
            connection.wait(until: nextDue) { shared.wait(alsoOn: $0, until: $1) }
        }
        // The last acks before closing.
        try settleAll(connection)
    }

    private func receive(_ connection: BrokerConnection) throws(RabbitMQError) -> [Delivery] {
        var arrived: [Delivery] = []
        while let event = try connection.nextEvent() {
            switch event {
            case .delivered(let info, let properties, let body):
                try ledger.delivered(info.deliveryTag)
                arrived.append(Delivery(info, properties, body))
            case .method(.consumerCancelled):
                // Re-consuming on a channel with deliveries under way breaks: a fresh connection does not.
                throw RabbitMQError(.connectionLost, "the broker cancelled the consumer of \(shared.queue)")
            default:
                break
            }
        }
        shared.metrics.delivered.increment(by: arrived.count)
        return arrived
    }

    /// Returns to the queue what nobody will take.
    private func giveBack(_ arrived: [Delivery], _ connection: BrokerConnection) throws(RabbitMQError) {
        for delivery in shared.takeUnwanted() + arrived where ledger.settleOne(delivery.deliveryTag) {
            try connection.reject(delivery.deliveryTag, requeue: true)
        }
    }

    // MARK: Settling

    private func settleAll(_ connection: BrokerConnection) throws(RabbitMQError) {
        var commands = shared.takeCommands()[...]
        do throws(RabbitMQError) {
            while let command = commands.first {
                if command.generation == generation {
                    try settle(command.settlement, connection)
                    command.continuation.resume()
                } else {
                    command.continuation.resume(throwing: RabbitMQError.stale)
                }
                commands.removeFirst()
            }
        } catch {
            for command in commands { command.continuation.resume(throwing: RabbitMQError.stale) }
            throw error
        }
    }

    private func settle(
        _ settlement: ConsumerShared.Settlement, _ connection: BrokerConnection
    ) throws(RabbitMQError) {
        switch settlement {
        case .acknowledge(let tags):
            let before = ledger.unsettled
            for ack in ledger.acknowledge(tags) { try connection.acknowledge(ack.tag, multiple: ack.multiple) }
            shared.metrics.acked.increment(by: before - ledger.unsettled)
        case .reject(let tag, let requeue):
            if ledger.settleOne(tag) { try connection.reject(tag, requeue: requeue) }
        }
    }
}
