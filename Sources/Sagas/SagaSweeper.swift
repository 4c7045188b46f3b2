public import Events
public import Logging
public import Postgres
public import ServiceLifecycle
import Telemetry

/// Resumes what a crash, a lost message or a slow participant has left: finds sagas whose next attempt is due and
/// sends again or, at the deadline, cancels.
///
/// A look at what is due is one statement: a sweep locks rows in transactions of its own, and mostly nothing is due.
///
/// Resends follow the backlog. When much is under way an answer that has not come is late rather than lost, and each
/// message sent again would make the others wait longer.
public struct SagaSweeper: Service {
    /// The most messages of sagas that are sent again in one sweep.
    static let resendLimit = 100
    /// So many sagas under way are no backlog.
    private static let calm = 100
    private static let batchSize = 100

    private let coordinators: [SagaCoordinator]
    private let database: PostgresClient
    private let transactor: Transactor
    private let interval: Duration
    private let brokerReach: @Sendable () -> BrokerReach
    private let logs: [String: LoopLog]

    /// - Parameters:
    ///   - database: The coordinators' own, which the transactor writes to.
    ///   - brokerReach: Whether messages get through; while they do not, nothing is sent again and no resend is
    ///     counted.
    public init(
        coordinators: [SagaCoordinator], database: PostgresClient, transactor: Transactor, interval: Duration,
        brokerReach: @escaping @Sendable () -> BrokerReach = { .ready }, logger: Logger
    ) {
        self.brokerReach = brokerReach
        self.coordinators = coordinators
        self.database = database
        self.transactor = transactor
        self.interval = interval
        logs = Dictionary(
            uniqueKeysWithValues: coordinators.map { coordinator in
                let name = coordinator.definition.name
                return (name, LoopLog("the sweeper of \(name)", logger: logger))
            })
    }

    /// Runs until it is cancelled or asked to stop gracefully.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var resendsFrom = ContinuousClock.now
            while !Task.isCancelled {
                let reach = brokerReach()
                // What waits in memory for the broker is sent first, and then has its time to be answered.
                if reach == .away { resendsFrom = .now + patience }
                let isCalm = reach == .ready && resendsFrom <= .now
                await look(resending: isCalm)
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// The number of sagas' messages that one sweep sends again: fewer, the more sagas are under way.
    static func resends(underWay count: Int) -> Int {
        max(1, resendLimit * calm / max(calm, count))
    }

    private var patience: Duration { coordinators.map(\.store.timing.firstResend).max() ?? .zero }

    /// Sweeps the coordinators whose sagas are due.
    ///
    /// - Parameter isResending: As in ``sweep(_:resending:)``.
    /// - Returns: The names of the sagas that were due.
    @discardableResult
    func look(resending isResending: Bool = true) async -> Set<String> {
        do {
            let due = try await SagaStore.due(of: Array(logs.keys), in: database)
            for (name, log) in logs where !due.contains(name) { log.goesOn() }
            for coordinator in coordinators where due.contains(coordinator.definition.name) {
                await sweep(coordinator, resending: isResending)
            }
            return due
        } catch {
            if !Task.isCancelled { for log in logs.values { log.heldUp(error) } }
            return []
        }
    }

    /// - Parameter isResending: Whether messages are sent again; deadlines are kept in any case.
    func sweep(_ coordinator: SagaCoordinator, resending isResending: Bool = true) async {
        do {
            var found = Self.batchSize
            while found == Self.batchSize, !Task.isCancelled {
                found = try await transactor.run { work in
                    try await coordinator.sweep(.overdue, limit: Self.batchSize, in: work)
                }
            }
            if isResending {
                _ = try await transactor.run { work in
                    let count = try await coordinator.store.openCount(in: work.transaction)
                    return try await coordinator.sweep(.waiting, limit: Self.resends(underWay: count), in: work)
                }
            }
            logs[coordinator.definition.name]?.goesOn()
        } catch {
            if !Task.isCancelled { logs[coordinator.definition.name]?.heldUp(error) }
        }
    }
}
