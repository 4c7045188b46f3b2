import FoundationEssentials
import Glibc

/// Questions and deeds that are open to other processes than the owner.
extension DevStack {
    /// The state of the stack on a directory, whether it runs or not.
    ///
    /// - Throws: ``DevStackError/noStack(directory:)``, ``DevStackError/unreadableState(path:reason:)``
    public static func state(directory: String) throws(DevStackError) -> DevStackState {
        let root = absolutePath(directory)
        guard let state = try StateFile.read(Layout(root: root).stateFile) else { throw .noStack(directory: root) }
        return state
    }

    /// Whether a living process owns the stack on a directory.
    public static func isOwned(directory: String) -> Bool {
        DirectoryLock.isHeld(Layout(root: absolutePath(directory)).lockFile)
    }

    /// Whether a directory is one that an ephemeral stack has, or had: nothing in it is kept.
    public static func isEphemeral(directory: String) -> Bool { EphemeralDirectory.isOne(absolutePath(directory)) }

    /// The ephemeral stacks of this user that have a living owner, oldest first.
    public static func ephemeralStacks() -> [DevStackState] {
        EphemeralDirectory.all()
            .filter { isOwned(directory: $0) }
            .compactMap { try? state(directory: $0) }
            .sorted { $0.startedAt < $1.startedAt }
    }

    /// Reads the state and asks every server whether it answers.
    ///
    /// - Throws: ``DevStackError/noStack(directory:)``, ``DevStackError/unreadableState(path:reason:)``
    public static func status(directory: String) async throws -> DevStackStatus {
        try await offPool {
            let state = try state(directory: directory)
            let owned = isOwned(directory: directory)
            let layout = Layout(root: state.directory)
            let servers = state.servers.map { kind in
                let endpoint: (host: String, port: Int) =
                    switch kind {
                    case .postgres: (state.postgres.host, state.postgres.port)
                    case .rabbitmq: (state.rabbitmq.host, state.rabbitmq.port)
                    case .redis: (state.redis.host, state.redis.port)
                    }
                let probe = Probe(port: endpoint.port)
                let reachable =
                    switch kind {
                    case .postgres: probe.postgres()
                    case .rabbitmq: probe.rabbitmq()
                    case .redis: probe.redis(password: state.redis.password)
                    }
                return DevStackStatus.Server(
                    server: kind, host: endpoint.host, port: endpoint.port, reachable: owned && reachable,
                    log: layout.log(kind))
            }
            return DevStackStatus(
                directory: state.directory, ephemeral: state.ephemeral, phase: owned ? state.phase : .stopped,
                ownerPID: owned ? state.pid : nil, startedAt: state.startedAt, servers: servers,
                services: owned ? state.services : [:])
        }
    }

    /// The servers' log files that are there.
    public static func logs(directory: String) -> [ServerKind: String] {
        let layout = Layout(root: absolutePath(directory))
        var paths: [ServerKind: String] = [:]
        for kind in ServerKind.allCases where access(layout.log(kind), R_OK) == 0 { paths[kind] = layout.log(kind) }
        return paths
    }

    /// Stops the stack on a directory: tells a living owner to (`SIGTERM`) and waits until it has, or ends what a dead
    /// one has left.
    ///
    /// - Returns: whether anything was running.
    /// - Throws: ``DevStackError/stopTimedOut(directory:pid:)`` after `deadline`;
    ///   ``DevStackError/stillRunning(directory:pid:)`` if this very process is the owner;
    ///   ``DevStackError/noStack(directory:)``.
    @discardableResult
    public static func down(directory: String, deadline: Duration = .seconds(60)) async throws -> Bool {
        try await offPool {
            let root = absolutePath(directory)
            let layout = Layout(root: root)
            let state = try state(directory: root)
            if DirectoryLock.isHeld(layout.lockFile) {
                guard state.pid != getpid() else {
                    throw DevStackError.stillRunning(directory: root, pid: state.pid)
                }
                // The lock is held, so the owner lives; the start time makes sure that the id is still its own.
                guard ProcessTable.startTicks(state.pid) == state.ownerStartTicks,
                    Glibc.kill(state.pid, SIGTERM) == 0
                else {
                    throw DevStackError.stopTimedOut(directory: root, pid: state.pid)
                }
                let end = ContinuousClock.now + deadline
                while DirectoryLock.isHeld(layout.lockFile) {
                    guard ContinuousClock.now < end else {
                        throw DevStackError.stopTimedOut(directory: root, pid: state.pid)
                    }
                    usleep(50_000)
                }
                return true
            }
            return try withLock(layout, pid: state.pid) {
                let count = Reaper.reap(marker: state.marker, manner: state.ephemeral ? .immediate : .orderly)
                if state.ephemeral {
                    removeTree(root)
                } else if state.phase != .stopped {
                    var stopped = state
                    stopped.phase = .stopped
                    stopped.services = [:]
                    stopped.variables = [:]
                    try StateFile.write(stopped, to: layout.stateFile)
                }
                return count > 0
            }
        }
    }

    /// Deletes the data, logs and state of a stopped stack. Other files in the directory are left alone.
    ///
    /// - Throws: ``DevStackError/stillRunning(directory:pid:)``, ``DevStackError/noStack(directory:)`` if nothing of a
    ///   stack is there.
    public static func reset(directory: String) async throws {
        try await offPool {
            let root = absolutePath(directory)
            let layout = Layout(root: root)
            guard access(layout.lockFile, F_OK) == 0 else { throw DevStackError.noStack(directory: root) }
            // An unreadable state must not keep anybody from resetting.
            let state = (try? StateFile.read(layout.stateFile)).flatMap { $0 }
            try withLock(layout, pid: state?.pid ?? 0) {
                if let state { Reaper.reap(marker: state.marker, manner: .immediate) }
                for path in layout.data { removeTree(path) }
            }
        }
    }

    private static func withLock<Result>(
        _ layout: Layout, pid: Int32, _ body: () throws -> Result
    ) throws -> Result {
        guard let lock = try DirectoryLock.acquire(layout.lockFile) else {
            throw DevStackError.stillRunning(directory: layout.root, pid: pid)
        }
        defer { lock.release() }
        return try body()
    }
}
