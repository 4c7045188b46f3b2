public import Logging
import Metrics
public import Postgres
public import RabbitMQ
public import ServiceLifecycle
import Synchronization
import Telemetry

/// Publishes what a service has written to its outbox. Every replica has a relay, and none waits for another.
///
/// What the process itself has committed is published from memory, at once. What is left over (by a process that was
/// killed, stopped or frozen, or that could not reach the broker) is claimed by whichever relay looks first. What is
/// published is noted a moment later, together. A row whose confirm or note is lost is published again under the same
/// message id.
public final class OutboxRelay: Service {
    /// The patience and greed of the relay.
    public struct Options: Sendable {
        /// The most rows published at once.
        public var batchSize = 512
        /// The interval at which the relay looks for what others have left over while there is something to publish;
        /// it grows to ``longestPollInterval`` while there is not.
        public var pollInterval: Duration = .milliseconds(500)
        /// The longest interval between two looks.
        var longestPollInterval: Duration { pollInterval * 4 }
        /// The time rows are the writing or claiming relay's own to publish.
        public var claim: Duration = .seconds(5)
        /// The time published rows are kept for an operator to see and to send again.
        public var retentionHours = 24
        public init() {}
    }

    private let service: String
    private let database: PostgresClient
    private let publisher: RabbitMQPublisher
    private let wake: Wake
    private let handover: OutboxHandover
    private let options: Options
    private let log: LoopLog
    private let logger: Logger
    private let stopping = Atomic(false)

    /// - Parameters:
    ///   - wake: Rung after a commit that wrote to the outbox.
    ///   - handover: What the process has committed; the one that its transactor was given.
    public init(
        service: String, database: PostgresClient, publisher: RabbitMQPublisher, wake: Wake, handover: OutboxHandover,
        options: Options = Options(), logger: Logger
    ) {
        self.service = service
        self.database = database
        self.publisher = publisher
        self.wake = wake
        self.handover = handover
        self.options = options
        self.logger = logger
        log = LoopLog("the outbox relay", logger: logger)
    }

    /// Runs until it is cancelled, or asked to stop gracefully: then it publishes what is left first.
    public func run() async throws {
        await withGracefulShutdownHandler {
            var backoff = Backoff(initial: .milliseconds(100), limit: .seconds(5))
            var schedule = Schedule(looks: RelayLooks(options, at: .now))
            while !Task.isCancelled {
                let isLast = isStopping
                do {
                    let count = try await work(&schedule, isLast: isLast)
                    log.goesOn()
                    backoff.reset()
                    if isLast, count == 0 { return }
                    if count >= options.batchSize || isLast { continue }
                    await wake.wait(atMost: min(schedule.looks.next, schedule.nextNote ?? schedule.looks.next) - .now)
                } catch {
                    if Task.isCancelled { return }
                    log.heldUp(error)
                    schedule.looks.hasWork(at: .now)
                    // Nothing to flush to while a backend is gone: the rows wait in the outbox.
                    if isLast { return }
                    try? await Task.sleep(for: backoff.next())
                }
            }
        } onGracefulShutdown: {
            self.stopping.store(true, ordering: .releasing)
            self.wake.ring()
        }
    }

    /// The time when the relay next does what it does by the clock.
    private struct Schedule {
        var looks: RelayLooks
        var nextPrune = ContinuousClock.now
        /// The rows that are published and not noted as such yet, with the time when they were.
        var published: [(id: Int64, at: ContinuousClock.Instant)] = []
        /// Nil if there are none.
        var nextNote: ContinuousClock.Instant?
    }

    private var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// The longest that a row which is published waits to be noted: a small part of its claim, at whose end any relay
    /// would publish it again.
    private var notePatience: Duration { options.claim / 50 }

    /// Publishes what was handed over, and, when it is time or the last time, what is left over.
    ///
    /// - Returns: How many rows it had to do with.
    private func work(_ schedule: inout Schedule, isLast: Bool) async throws -> Int {
        let own = handover.take(limit: options.batchSize)
        if !own.isEmpty { schedule.looks.hasWork(at: .now) }
        try await publish(own, &schedule)
        let mustLook = isLast || schedule.looks.next <= .now
        if mustLook || schedule.published.count >= options.batchSize || schedule.nextNote.map({ $0 <= .now }) == true {
            try await notePublished(&schedule)
        }
        guard mustLook else { return own.count }
        let left = try await Outbox.claim(limit: options.batchSize, for: options.claim, in: database)
        // Jitter: replicas do not look in step.
        schedule.looks.hasLooked(
            found: left.count, of: options.batchSize, at: .now, jitter: Double.random(in: 0.75...1.25))
        try await publish(left, &schedule)
        if schedule.nextPrune <= .now {
            let isMoreLeft = try await Outbox.prune(keeping: options.retentionHours, in: database)
            schedule.nextPrune = .now + (isMoreLeft ? .seconds(1) : .seconds(60))
        }
        return own.count + left.count
    }

    private func publish(_ rows: [Outbox.Row], _ schedule: inout Schedule) async throws {
        guard !rows.isEmpty else { return }
        CrashPoint.beforePublish.reached(rows.map(\.message.type))
        let outcomes: [PublishOutcome]
        do {
            outcomes = try await publisher.publish(
                rows.map { row in
                    WireFormat.message(
                        row.envelope(from: service), exchange: Topology.eventsExchange, routingKey: row.message.type,
                        mandatory: row.message.mandatory)
                })
        } catch {
            // Best effort: otherwise the claims end by themselves.
            try? await Outbox.release(rows.map(\.id), in: database)
            try? await notePublished(&schedule)
            throw error
        }
        CrashPoint.afterPublish.reached(rows.map(\.message.type))
        let now = ContinuousClock.now
        var published = 0
        var postponed: [(id: Int64, error: String)] = []
        for (row, outcome) in zip(rows, outcomes) {
            switch outcome {
            case .confirmed:
                published += 1
                schedule.published.append((row.id, now))
            case .nacked:
                postponed.append((row.id, "the broker refused it"))
            case .returned(let code, let reason):
                postponed.append((row.id, "no queue took it: \(code) \(reason)"))
            }
        }
        if published > 0, schedule.nextNote == nil { schedule.nextNote = now + notePatience }
        Counter(label: "shop_outbox_published", dimensions: [("service", service)]).increment(by: published)
        guard !postponed.isEmpty else { return }
        try await Outbox.postpone(postponed, in: database)
        Counter(label: "shop_outbox_postponed", dimensions: [("service", service)]).increment(by: postponed.count)
        logger.error(
            "messages stay in the outbox",
            metadata: ["count": "\(postponed.count)", "error": "\(postponed[0].error)"])
    }

    /// Notes which rows are published: one commit for all those of a moment.
    private func notePublished(_ schedule: inout Schedule) async throws {
        guard !schedule.published.isEmpty else { return }
        let now = ContinuousClock.now
        try await Outbox.markPublished(schedule.published.map { ($0.id, now - $0.at) }, in: database)
        schedule.published = []
        schedule.nextNote = nil
    }
}
