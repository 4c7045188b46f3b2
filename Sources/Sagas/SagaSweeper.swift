public import Events
import FoundationEssentials
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
///
/// One that fails keeps no other from being swept: it is found by halving, logged, and left alone for a minute.
public struct SagaSweeper: Service {
    /// The most messages of sagas that are sent again in one sweep.
    static let resendLimit = 100
    /// So many sagas under way are no backlog.
    private static let calm = 100
    private static let batchSize = 100
    /// The time for which a saga is left alone that fails by itself.
    private static let rest = Duration.seconds(60)

    private let coordinators: [SagaCoordinator]
    private let database: PostgresClient
    private let transactor: Transactor
    private let interval: Duration
    private let brokerReach: @Sendable () -> BrokerReach
    private let logs: [String: LoopLog]
    private let logger: Logger

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
        self.logger = logger
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
        var failure: (any Error)?
        do {
            var found = Self.batchSize
            while found == Self.batchSize, !Task.isCancelled {
                found = try await sweep(.overdue, limit: Self.batchSize, by: coordinator)
            }
        } catch {
            failure = error
        }
        // What keeps deadlines from being kept keeps no message from being sent again.
        if isResending {
            do {
                let count = try await coordinator.store.openCount(in: database)
                try await sweep(.waiting, limit: Self.resends(underWay: count), by: coordinator)
            } catch {
                failure = error
            }
        }
        guard !Task.isCancelled else { return }
        if let failure {
            logs[coordinator.definition.name]?.heldUp(failure)
        } else {
            logs[coordinator.definition.name]?.goesOn()
        }
    }

    /// Sweeps in one transaction; if that fails, in halves, until those at fault stand alone. These are put off.
    ///
    /// - Returns: How many sagas were seen to.
    /// - Throws: Only for what is everybody's trouble.
    @discardableResult
    private func sweep(_ due: SagaStore.Due, limit: Int, by coordinator: SagaCoordinator) async throws -> Int {
        do {
            return try await transactor.run { work in
                try work.limitStatements(to: .seconds(5))
                return try await coordinator.sweep(due, limit: limit, in: work)
            }
        } catch {
            if await transactor.isEverybodysTrouble(error) { throw error }
        }
        let ids = try await transactor.run { try await coordinator.store.ids(due, limit: limit, in: $0) }
        var groups = Self.halves(of: ids)
        var count = 0
        // What there is no time for is due with the next sweep: one of those at fault is out of its way by then.
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end, !Task.isCancelled, let group = groups.popLast() {
            do {
                try await transactor.run { work in
                    try work.limitStatements(to: .seconds(2))
                    try await coordinator.sweep(due, of: group, limit: group.count, in: work)
                }
            } catch {
                if await transactor.isEverybodysTrouble(error) { throw error }
                if group.count > 1 {
                    groups += Self.halves(of: group)
                    continue
                }
                try await putOff(group[0], by: coordinator, because: error)
            }
            count += group.count
        }
        return count
    }

    private func putOff(_ id: UUID, by coordinator: SagaCoordinator, because error: any Error) async throws {
        logger.error(
            "a saga cannot be swept, and is left alone for a while",
            metadata: [
                "saga": "\(coordinator.definition.name)", "saga_id": "\(id.uuidString.lowercased())",
                "seconds": "\(Self.rest.components.seconds)", "error": "\(error)",
            ])
        try await transactor.run { try await coordinator.store.putOff(id, by: Self.rest, in: $0) }
    }

    private static func halves(of ids: [UUID]) -> [[UUID]] {
        let middle = ids.count / 2
        return [Array(ids[..<middle]), Array(ids[middle...])].filter { !$0.isEmpty }
    }
}
