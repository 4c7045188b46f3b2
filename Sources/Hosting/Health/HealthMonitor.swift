public import Logging
public import ServiceLifecycle
import Telemetry

/// Knows whether the roles of a process are ready: asks their checks again and again, and tells who watches.
public actor HealthMonitor: Service {
    private let checks: [(role: Role, runner: CheckRunner)]
    private let interval: Duration
    private let logger: Logger

    private var report: HealthReport?
    private var reportedAt = ContinuousClock.now
    private var round: Task<HealthReport, Never>?
    private var phase: HealthReport.Phase
    private var wasReady = false
    private var watchers: [Int: (role: Role, continuation: AsyncStream<Bool>.Continuation)] = [:]
    private var nextWatcher = 0

    /// Creates a monitor; nothing is ready before the first round.
    ///
    /// - Parameters:
    ///   - checks: The checks of every role.
    ///   - phase: Starting if the servers do not listen yet; see ``markRunning()``.
    ///   - interval: The time between two rounds.
    ///   - timeout: How long one check may take.
    ///   - logger: Its label and metadata are kept.
    public init(
        checks: [Role: [ReadinessCheck]], phase: HealthReport.Phase = .running, interval: Duration = .seconds(5),
        timeout: Duration = .seconds(1), logger: Logger
    ) {
        self.phase = phase
        self.checks = Role.allCases.flatMap { role in
            (checks[role] ?? []).map { (role, CheckRunner($0, timeout: timeout)) }
        }
        self.interval = interval
        self.logger = logger
    }

    /// Whether the process was ever ready.
    var hasBeenReady: Bool { wasReady }

    /// The report of the checks, asked now unless they were within the last `age`.
    public func report(maximumAge age: Duration = .seconds(1)) async -> HealthReport {
        if let report, ContinuousClock.now - reportedAt < age { return current(report) }
        return await runRound()
    }

    /// Whether that role can take requests.
    public func isReady(_ role: Role) async -> Bool {
        await report().isReady(role)
    }

    /// Says from now on that nothing is ready, because the process is about to stop.
    public func beginDraining() {
        phase = .draining
        tellWatchers()
    }

    /// Says that the servers listen.
    public func markRunning() {
        guard phase == .starting else { return }
        phase = .running
        tellWatchers()
    }

    /// Whether that role can take requests: now, and at every change.
    func changes(of role: Role) async -> AsyncStream<Bool> {
        let known = await report().isReady(role)
        let (stream, continuation) = AsyncStream<Bool>.makeStream(bufferingPolicy: .bufferingNewest(8))
        let id = nextWatcher
        nextWatcher += 1
        watchers[id] = (role, continuation)
        continuation.onTermination = { _ in Task { await self.removeWatcher(id) } }
        // The state may have changed while this waited for the report.
        continuation.yield(report.map { current($0).isReady(role) } ?? known)
        return stream
    }

    /// Asks the checks until shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                _ = await self.runRound()
                try? await Task.sleep(for: self.interval)
            }
        }
        for watcher in watchers.values { watcher.continuation.finish() }
    }

    // MARK: - Rounds

    private func current(_ report: HealthReport) -> HealthReport {
        var report = report
        report.phase = phase
        return report
    }

    /// Runs the checks side by side; whoever asks during a round gets its result.
    private func runRound() async -> HealthReport {
        if let round { return current(await round.value) }
        let checks = checks
        let round = Task {
            await withTaskGroup(of: (Int, HealthReport.Entry).self) { group in
                for (index, check) in checks.enumerated() {
                    group.addTask { (index, await check.runner.run(for: check.role)) }
                }
                var entries: [(Int, HealthReport.Entry)] = []
                for await entry in group { entries.append(entry) }
                return HealthReport(phase: .running, entries: entries.sorted { $0.0 < $1.0 }.map(\.1))
            }
        }
        self.round = round
        let found = await round.value
        self.round = nil
        log(found, previous: report)
        report = found
        reportedAt = ContinuousClock.now
        tellWatchers()
        return current(found)
    }

    private func log(_ found: HealthReport, previous: HealthReport?) {
        for (index, entry) in found.entries.enumerated() {
            let wasPassing = previous?.entries[index].isPassing
            if let failure = entry.failure, wasPassing != false {
                logger.warning("check fails", [.service: "\(entry.name)", .error: "\(failure)"])
            } else if entry.isPassing, wasPassing == false {
                logger.notice("check passes again", [.service: "\(entry.name)"])
            }
        }
    }

    private func tellWatchers() {
        guard let report else { return }
        let shown = current(report)
        wasReady = wasReady || shown.isReady
        for watcher in watchers.values { watcher.continuation.yield(shown.isReady(watcher.role)) }
    }

    private func removeWatcher(_ id: Int) {
        watchers[id] = nil
    }
}
