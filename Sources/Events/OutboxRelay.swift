public import Logging
import Metrics
public import Postgres
public import RabbitMQ
public import ServiceLifecycle
import Synchronization
import Telemetry

/// Publishes what a service has written to its outbox: one relay per service, whichever replica leads.
///
/// The leader holds a session advisory lock; a lost session is a lost lead. It is woken by commits of its own
/// process, and looks by itself for what other replicas have written. Rows are marked one by one, so none is
/// skipped because it committed late; a row whose confirm is lost is published again under the same id.
public final class OutboxRelay: Service {
    /// How patient and how greedy the relay is.
    public struct Options: Sendable {
        /// The most rows published at once.
        public var batchSize = 512
        /// How long the leader sleeps when nobody wakes it.
        public var pollInterval: Duration = .milliseconds(250)
        /// How often a replica that does not lead tries to.
        public var electionInterval: Duration = .seconds(2)
        /// How long to gather more rows when the last look found several: batches spare the broker.
        public var linger: Duration = .milliseconds(1)
        /// How long published rows are kept for an operator to see.
        public var retentionHours = 24
        public init() {}
    }

    private let service: String
    private let database: PostgresClient
    private let publisher: RabbitMQPublisher
    private let wake: Wake
    private let options: Options
    private let logger: Logger
    private let stopping = Atomic(false)

    public init(
        service: String, database: PostgresClient, publisher: RabbitMQPublisher, wake: Wake,
        options: Options = Options(), logger: Logger
    ) {
        self.service = service
        self.database = database
        self.publisher = publisher
        self.wake = wake
        self.options = options
        self.logger = logger
    }

    /// Runs until it is cancelled, or asked to stop gracefully: then it publishes what is left first.
    public func run() async throws {
        await withGracefulShutdownHandler {
            var backoff = Backoff(initial: .milliseconds(100), limit: .seconds(5))
            while !Task.isCancelled {
                do {
                    let led = try await database.withConnection { session in
                        try await self.leadIfElected(session, backoff: &backoff)
                    }
                    if isStopping { return }
                    if !led { await wake.wait(atMost: options.electionInterval) }
                } catch {
                    if Task.isCancelled { return }
                    logger.warning("the outbox relay is held up", metadata: ["error": "\(error)"])
                    // Nothing to flush to while a backend is gone: the rows wait in the outbox.
                    if isStopping { return }
                    try? await Task.sleep(for: backoff.next())
                }
            }
        } onGracefulShutdown: {
            self.stopping.store(true, ordering: .releasing)
            self.wake.ring()
        }
    }

    private var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Publishes as the leader until it has to stop.
    ///
    /// - Returns: False if another replica leads.
    private func leadIfElected(_ session: PostgresSession, backoff: inout Backoff) async throws -> Bool {
        let rows = try await session.query("SELECT pg_try_advisory_lock(hashtext('shopctl.outbox-relay'))")
        guard try rows.decode((Bool).self).first == true else { return false }
        logger.debug("this replica relays the outbox")
        do {
            try await lead(session, backoff: &backoff)
        } catch {
            // Best effort: when the session is gone the lock is, too.
            _ = try? await session.query("SELECT pg_advisory_unlock(hashtext('shopctl.outbox-relay'))")
            throw error
        }
        try await session.query("SELECT pg_advisory_unlock(hashtext('shopctl.outbox-relay'))")
        return true
    }

    private func lead(_ session: PostgresSession, backoff: inout Backoff) async throws {
        var nextPrune = ContinuousClock.now
        while !Task.isCancelled {
            let last = isStopping
            let published = try await publishDue(session)
            backoff.reset()
            if last, published < options.batchSize { return }
            if ContinuousClock.now >= nextPrune {
                let isMoreLeft = try await Outbox.prune(keeping: options.retentionHours, in: session)
                nextPrune = .now + (isMoreLeft ? .seconds(1) : .seconds(60))
            }
            if published == options.batchSize { continue }
            await wake.wait(atMost: options.pollInterval)
            if published >= 4 { try? await Task.sleep(for: options.linger) }
        }
    }

    /// - Returns: How many rows it looked at.
    private func publishDue(_ session: PostgresSession) async throws -> Int {
        let rows = try await Outbox.due(limit: options.batchSize, service: service, in: session)
        guard !rows.isEmpty else { return 0 }
        let outcomes = try await publisher.publish(
            rows.map { row in
                WireFormat.message(
                    row.envelope, exchange: Topology.eventsExchange, routingKey: row.envelope.type,
                    mandatory: row.mandatory)
            })
        var published: [Int64] = []
        var postponed: [(id: Int64, error: String)] = []
        for (row, outcome) in zip(rows, outcomes) {
            switch outcome {
            case .confirmed:
                published.append(row.id)
            case .nacked:
                postponed.append((row.id, "the broker refused it"))
            case .returned(let code, let reason):
                postponed.append((row.id, "no queue took it: \(code) \(reason)"))
            }
        }
        try await Outbox.markPublished(published, in: session)
        Counter(label: "shop_outbox_published", dimensions: [("service", service)]).increment(by: published.count)
        if !postponed.isEmpty {
            try await Outbox.postpone(postponed, in: session)
            Counter(label: "shop_outbox_postponed", dimensions: [("service", service)]).increment(by: postponed.count)
            logger.error(
                "messages stay in the outbox",
                metadata: ["count": "\(postponed.count)", "error": "\(postponed[0].error)"])
        }
        return rows.count
    }
}
