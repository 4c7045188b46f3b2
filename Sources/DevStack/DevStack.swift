import FoundationEssentials
import Glibc
public import Logging
import Synchronization

/// A private PostgreSQL, RabbitMQ and Redis, run as children of this process.
///
/// Whoever starts a stack owns it: it lives until ``stop()``. If the owner dies without that, a watchdog process ends
/// the servers; should that die too, the next start on the same directory does.
public actor DevStack {
    /// The stack's directory, absolute.
    public nonisolated let directory: String
    /// Servers that end without having been told to, as they do.
    public nonisolated let unexpectedExits: AsyncStream<ServerExit>

    nonisolated let context: ServerContext
    private nonisolated let current: Mutex<DevStackState>
    private let exits: AsyncStream<ServerExit>.Continuation
    private let lock: DirectoryLock
    private nonisolated let isExiting = Atomic<Bool>(false)
    let startTimeout: Duration
    let logger: Logger
    let progress: @Sendable (String) -> Void
    /// The running servers. One that is being stopped on purpose is taken out first.
    var children: [ServerKind: ChildProcess] = [:]
    var portMapper: ChildProcess?
    private var watchdog: Watchdog?
    private var stopping: Task<Void, Never>?

    private init(
        state: DevStackState, context: ServerContext, lock: DirectoryLock, startTimeout: Duration, logger: Logger,
        progress: @escaping @Sendable (String) -> Void
    ) {
        directory = state.directory
        current = Mutex(state)
        self.context = context
        self.lock = lock
        self.startTimeout = startTimeout
        self.logger = logger
        self.progress = progress
        (unexpectedExits, exits) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    /// Starts a stack and returns when all its servers answer; 5 to 7 s on an idle machine, most of it the broker's.
    ///
    /// What a dead owner has left on the directory is ended first, and so are ephemeral stacks of this user whose
    /// owner is dead.
    ///
    /// - Parameter progress: hears a line whenever something has been done.
    /// - Throws: ``DevStackError``; `CancellationError` if the task was cancelled. Nothing is left running then.
    public static func start(
        _ options: DevStackOptions = DevStackOptions(), logger: Logger,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> DevStack {
        let stack = try await offPool { try prepare(options, logger: logger, progress: progress) }
        do {
            try await stack.startAll()
        } catch {
            // The caller may have been cancelled; what was started must still be ended.
            await Task.detached { await stack.stop() }.value
            // Whatever failed then may have failed by being interrupted.
            try Task.checkCancellation()
            throw error
        }
        return stack
    }

    /// The stack's state as of now.
    public nonisolated var state: DevStackState { current.withLock { $0 } }

    /// Changes the state and writes it to the state file; for the owner's own facts (`services`, `variables`).
    public nonisolated func update(_ change: (inout DevStackState) -> Void) throws {
        try current.withLock { state in
            change(&state)
            try StateFile.write(state, to: Layout(root: directory).stateFile)
        }
    }

    /// Stops all servers, in an orderly way unless the stack is ephemeral, and deletes an ephemeral directory.
    /// No process of the stack is left when it returns. May be called again.
    public func stop() async {
        if let stopping { return await stopping.value }
        let task = Task.detached { await self.stopEverything() }
        stopping = task
        await task.value
    }

    /// Ends the stack at once and synchronously; for an `atexit` handler. Blocks for a fraction of a second, and
    /// longer for a stack that is not ephemeral.
    public nonisolated func stopAtExit() {
        isExiting.store(true, ordering: .relaxed)
        let state = state
        Reaper.reap(marker: state.marker, manner: state.ephemeral ? .immediate : .orderly)
        if state.ephemeral { removeTree(directory) }
    }

    private func startAll() async throws {
        watchdog = try await Watchdog.start(context)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for kind in state.servers { group.addTask { try await self.bringUp(kind, mayMove: true) } }
            try await group.waitForAll()
        }
        try update { $0.phase = .running }
    }

    private func stopEverything() async {
        await withTaskGroup(of: Void.self) { group in
            for kind in children.keys { group.addTask { await self.takeDown(kind, urgent: self.context.ephemeral) } }
        }
        if let mapper = portMapper {
            portMapper = nil
            mapper.send(SIGKILL)
            await mapper.ended()
        }
        let dismissed = watchdog
        watchdog = nil
        await dismissed?.dismiss()
        let marker = context.marker
        await offPool { _ = Reaper.reap(marker: marker, manner: .immediate) }
        if context.ephemeral {
            let directory = directory
            await offPool { removeTree(directory) }
        } else {
            do {
                try update { state in
                    state.phase = .stopped
                    state.services = [:]
                    state.variables = [:]
                }
            } catch {
                logger.warning("the state file could not be written", metadata: ["error": "\(error)"])
            }
        }
        exits.finish()
        lock.release()
    }

    func reportExit(of kind: ServerKind, child: ChildProcess) {
        guard children[kind] === child, !isExiting.load(ordering: .relaxed) else { return }
        children[kind] = nil
        let ending = child.status.map { "\($0)" } ?? "unknown"
        logger.error("a server ended unexpectedly", metadata: ["server": "\(kind.rawValue)", "status": "\(ending)"])
        exits.yield(ServerExit(server: kind, status: ending, log: context.layout.log(kind)))
    }
}

extension DevStack {
    /// Finds the programs, takes the directory and writes the first state, so that whatever is started from here on
    /// can be found again.
    private static func prepare(
        _ options: DevStackOptions, logger: Logger, progress: @escaping @Sendable (String) -> Void
    ) throws -> DevStack {
        let search = Installation.SearchPath(path: getenv("PATH").map { String(cString: $0) })
        _ = try Installation.find(options.servers, in: search)
        let account = options.servers.contains(.postgres) ? try ServiceAccount.forPostgres() : nil
        for directory in EphemeralDirectory.reapDead() { progress("deleted the abandoned stack \(directory)") }

        let root: String
        if options.ephemeral {
            root = try EphemeralDirectory.create()
        } else {
            root = absolutePath(
                options.dataDirectory
                    ?? DevStackOptions.defaultDirectory(environment: ProcessInfo.processInfo.environment))
            try makeDirectory(root, mode: 0o711)
        }
        let layout = Layout(root: root)
        guard let lock = try DirectoryLock.acquire(layout.lockFile) else {
            let owner = try? StateFile.read(layout.stateFile)
            throw DevStackError.alreadyRunning(directory: root, pid: owner?.pid ?? 0)
        }
        do {
            let previous = try StateFile.read(layout.stateFile)
            if let previous {
                let count = Reaper.reap(marker: previous.marker, manner: .orderly)
                if count > 0 { progress("ended \(count) processes that an earlier start had left") }
            }
            let version = PostgresServer.dataVersion(layout)
            if previous == nil && version != nil {
                throw DevStackError.unusableDirectory(
                    directory: root, reason: "it holds data but no state file, which had the passwords: reset it")
            }
            let installation = try Installation.find(options.servers, postgresMajor: version, in: search)
            let state = try DevStackState.fresh(root: root, options: options, previous: previous)
            try makeDirectory(layout.logs, mode: 0o700)
            try StateFile.write(state, to: layout.stateFile)
            let context = ServerContext(
                layout: layout, installation: installation, account: account, marker: state.marker,
                ephemeral: options.ephemeral, isDurable: options.durable || !options.ephemeral,
                member: options.member)
            return DevStack(
                state: state, context: context, lock: lock, startTimeout: options.startTimeout, logger: logger,
                progress: progress)
        } catch {
            if options.ephemeral { removeTree(root) }
            lock.release()
            throw error
        }
    }
}
