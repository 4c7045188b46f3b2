import Events
import RabbitMQ
import Sagas
import Synchronization

/// Hears from consumers what becomes of letters that are sent back to an inbox.
struct ReplayObserver: Sendable {
    /// The fate of a letter.
    enum Fate: String, Sendable {
        case handled
        /// It is a dead letter again.
        case died = "died_again"
        /// It has failed, and waits to be tried again.
        case retried = "tried_again"
        /// It waits in an inbox that nobody consumes.
        case unconsumed
        /// Nobody has told in time.
        case unknown

        init(_ told: ReplayReceipt.Fate) {
            switch told {
            case .handled: self = .handled
            case .retried: self = .retried
            case .died: self = .died
            }
        }

        var words: String {
            switch self {
            case .handled: "handled"
            case .died: "died again"
            case .retried: "failed, and is tried again later"
            case .unconsumed: "waits: nobody consumes the inbox"
            case .unknown: "not known yet"
            }
        }
    }

    private let topology: ServiceTopology
    private let broker: RabbitMQConfiguration
    /// Takes the receipts.
    private let consumer: RabbitMQConsumer

    init(topology: ServiceTopology, broker: RabbitMQConfiguration) {
        self.topology = topology
        self.broker = broker
        var options = ConsumerOptions()
        options.declare = .temporary(bindings: [])
        consumer = RabbitMQConsumer(configuration: broker, queue: "", options: options, logger: .command("replay"))
    }

    /// The queue to which consumers are to tell.
    ///
    /// - Throws: ``RabbitMQError``, if the broker is away: the consumer itself goes on trying.
    func queue() async throws -> String {
        try await consumer.waitUntilReady(givesUp: true)
        return consumer.queueName
    }

    func close() async { await consumer.close() }

    /// Waits until all letters have been told of, or for so long.
    ///
    /// - Parameter ids: Those of the receipts that were asked for.
    func fates(of ids: [String], within span: SpanArgument) async -> [Fate] {
        let receipts = Receipts()
        let isUnconsumed = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await batch in consumer.batches {
                    let count = receipts.take(batch.deliveries.compactMap(ReplayReceipt.init))
                    try? await batch.ack()
                    if count >= ids.count { break }
                }
                return false
            }
            group.addTask { await isLeftAlone(until: ContinuousClock.now + span.duration) }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
        return ids.map { id in receipts.fate(of: id).map(Fate.init) ?? (isUnconsumed ? .unconsumed : .unknown) }
    }

    /// Looks whether anybody consumes the inbox, for so long.
    ///
    /// - Returns: Whether messages wait there and nobody does.
    private func isLeftAlone(until end: ContinuousClock.Instant) async -> Bool {
        let admin = RabbitMQAdmin(configuration: broker, logger: .command("replay"))
        var isLeft = false
        while !isLeft, ContinuousClock.now < end, !Task.isCancelled {
            if let queues = try? await QueueOverview.look(at: topology, admin) {
                isLeft = queues.consumers == 0 && (queues.ready ?? 0) > 0
            }
            if !isLeft { try? await Task.sleep(for: min(.milliseconds(500), end - ContinuousClock.now)) }
        }
        await admin.close()
        return isLeft
    }
}

/// Receipts of consumers, as they come in.
private final class Receipts: Sendable {
    private let fates = Mutex<[String: ReplayReceipt.Fate]>([:])

    /// - Returns: How many there are now.
    func take(_ receipts: [ReplayReceipt]) -> Int {
        fates.withLock { fates in
            for receipt in receipts { fates[receipt.id] = receipt.fate }
            return fates.count
        }
    }

    func fate(of id: String) -> ReplayReceipt.Fate? { fates.withLock { $0[id] } }
}
