public import Logging
public import ServiceLifecycle
import Telemetry

/// Knows whether the roles of a process are ready: asks their checks again and again, and tells who watches.
///
/// Each role is asked by itself. A check may ask a role of another process, and that one a role of this process again:
/// they would wait for each other if an answer for one role needed the checks of all.
public actor HealthMonitor: Service {
    private let checks: [Role: [CheckRunner]]
    private let interval: Duration
    private let logger: Logger

    private var found: [Role: (entries: [HealthReport.Entry], at: ContinuousClock.Instant)] = [:]
    private var rounds: [Role: (task: Task<[HealthReport.Entry], Never>, began: ContinuousClock.Instant)] = [:]
    private var phase: HealthReport.Phase
    private var wasReady = false
    private let whenFirstReady: @Sendable () -> Void
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
    ///   - whenFirstReady: Called once, when all roles have been found ready for the first time.
    public init(
        checks: [Role: [ReadinessCheck]], phase: HealthReport.Phase = .running, interval: Duration = .seconds(5),
        timeout: Duration = .seconds(1), logger: Logger, whenFirstReady: @escaping @Sendable () -> Void = {}
    ) {
        self.phase = phase
        self.whenFirstReady = whenFirstReady
        self.checks = checks.mapValues { $0.map { CheckRunner($0, timeout: timeout) } }
        self.interval = interval
        self.logger = logger
    }

    /// Whether the process was ever ready.
    var hasBeenReady: Bool { wasReady }

    /// The report of the checks, asked now unless they were within the last `age`; with `.zero` all are asked after the
    /// call.
    public func report(maximumAge age: Duration = .seconds(1)) async -> HealthReport {
        let entries = await withTaskGroup(of: (Role, [HealthReport.Entry]).self) { group in
            for role in Role.allCases {
                group.addTask { (role, await self.entries(of: role, maximumAge: age)) }
            }
            var entries: [Role: [HealthReport.Entry]] = [:]
            for await (role, found) in group { entries[role] = found }
            return entries
        }
        return HealthReport(phase: phase, entries: Role.allCases.flatMap { entries[$0] ?? [] })
    }

    /// Whether that role can take requests, by its own checks.
    public func isReady(_ role: Role) async -> Bool {
        let entries = await entries(of: role, maximumAge: .seconds(1))
        return HealthReport(phase: phase, entries: entries).isReady(role)
    }

    /// Says from now on that nothing is ready, because the process is about to stop.
    public func beginDraining() {
        phase = .draining
        for role in Role.allCases { tellWatchers(of: role) }
    }

    /// Says that the servers listen.
    public func markRunning() {
        guard phase == .starting else { return }
        phase = .running
        for role in Role.allCases { tellWatchers(of: role) }
    }

    /// Whether that role can take requests: now, and at every change.
    func changes(of role: Role) async -> AsyncStream<Bool> {
        let known = await isReady(role)
        let (stream, continuation) = AsyncStream<Bool>.makeStream(bufferingPolicy: .bufferingNewest(8))
        let id = nextWatcher
        nextWatcher += 1
        watchers[id] = (role, continuation)
        continuation.onTermination = { _ in Task { await self.removeWatcher(id) } }
        // The state may have changed while this waited for the report.
        continuation.yield(lastWord(of: role) ?? known)
        return stream
    }

    /// Asks the checks until shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                _ = await self.report(maximumAge: .zero)
                try? await Task.sleep(for: self.interval)
            }
        }
        for watcher in watchers.values { watcher.continuation.finish() }
    }

    // MARK: - Rounds

    /// Whoever asks during a round gets its result, unless it began too long ago: what has changed since might not be in
    /// it.
    private func entries(of role: Role, maximumAge age: Duration) async -> [HealthReport.Entry] {
        let asked = ContinuousClock.now
        if let found = found[role], asked - found.at < age { return found.entries }
        while let round = rounds[role] {
            let entries = await round.task.value
            if asked - round.began < age { return entries }
        }
        return await beginRound(of: role).value
    }

    /// Runs the checks of a role side by side.
    private func beginRound(of role: Role) -> Task<[HealthReport.Entry], Never> {
        let checks = checks[role] ?? []
        let round = Task {
            let entries = await withTaskGroup(of: (Int, HealthReport.Entry).self) { group in
                for (index, check) in checks.enumerated() {
                    group.addTask { (index, await check.run(for: role)) }
                }
                var entries: [(Int, HealthReport.Entry)] = []
                for await entry in group { entries.append(entry) }
                return entries.sorted { $0.0 < $1.0 }.map(\.1)
            }
            // Before anybody who waits for the round goes on.
            endRound(of: role, entries)
            return entries
        }
        rounds[role] = (round, ContinuousClock.now)
        return round
    }

    private func endRound(of role: Role, _ entries: [HealthReport.Entry]) {
        rounds[role] = nil
        log(entries, previous: found[role]?.entries)
        found[role] = (entries, ContinuousClock.now)
        tellWatchers(of: role)
    }

    private func log(_ entries: [HealthReport.Entry], previous: [HealthReport.Entry]?) {
        for (index, entry) in entries.enumerated() {
            let wasPassing = previous?[index].isPassing
            if let failure = entry.failure, wasPassing != false {
                logger.warning("check fails", [.service: "\(entry.name)", .error: "\(failure)"])
            } else if entry.isPassing, wasPassing == false {
                logger.notice("check passes again", [.service: "\(entry.name)"])
            }
        }
    }

    /// Whether that role can take requests by its last round; `nil` before the first.
    private func lastWord(of role: Role) -> Bool? {
        found[role].map { HealthReport(phase: phase, entries: $0.entries).isReady(role) }
    }

    private func tellWatchers(of role: Role) {
        if !wasReady, Role.allCases.allSatisfy({ lastWord(of: $0) == true }) {
            wasReady = true
            whenFirstReady()
        }
        guard let isReady = lastWord(of: role) else { return }
        for watcher in watchers.values where watcher.role == role { watcher.continuation.yield(isReady) }
    }

    private func removeWatcher(_ id: Int) {
        watchers[id] = nil
    }
}
