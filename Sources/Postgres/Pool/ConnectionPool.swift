import DriverSupport
import Logging
import Metrics
import Synchronization

/// The connections that are lent to one caller at a time: to transactions and sessions, and some of them to single
/// statements that would wait for slow ones.
final class ConnectionPool: Sendable {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<ConnectionLoop, any Error>
    }

    private struct State {
        /// The one returned last is lent first, so that surplus connections stay idle.
        var idle: [ConnectionLoop] = []
        /// Idle and lent ones.
        var total = 0
        /// Those that are lent to single statements.
        var lentToStatements = 0
        /// Closed ones whose threads have not ended yet.
        var ending = 0
        /// Idle ones that must not be lent any more, to be closed outside of the lock.
        var unfit: [ConnectionLoop] = []
        var waiters = FIFO<Waiter>()
        var nextID: UInt64 = 0
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let capacity: Int
    private let configuration: PostgresConfiguration
    private let makeConnection: @Sendable () -> ConnectionLoop
    private let metrics: DriverMetrics
    private let timer: Timer
    private let state = Mutex(State())

    /// Calls the closure when the time is over, unless the task it gives is cancelled before.
    typealias Timer = @Sendable (Duration, _ whenOver: @escaping @Sendable () -> Void) -> Task<Void, any Error>

    init(
        capacity: Int, configuration: PostgresConfiguration, metrics: DriverMetrics,
        timer: @escaping Timer = { time, whenOver in
            Task {
                try await Task.sleep(for: time)
                whenOver()
            }
        },
        makeConnection: @escaping @Sendable () -> ConnectionLoop
    ) {
        self.capacity = capacity
        self.configuration = configuration
        self.metrics = metrics
        self.timer = timer
        self.makeConnection = makeConnection
    }

    deinit {
        for connection in state.withLock({ $0.idle }) { connection.abort() }
    }

    /// Lends a connection, waiting for one if all are lent.
    ///
    /// - Throws: `.poolTimeout` after the configured time, `.cancelled`, or `.closed`.
    func lease() async throws -> ConnectionLoop {
        let start = ContinuousClock.now
        defer { endUnfit() }
        if let connection = try state.withLock({ try takeOrMake(&$0) }) { return connection }
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let timeout = Mutex<Task<Void, any Error>?>(nil)
        defer {
            timeout.withLock { $0?.cancel() }
            metrics.poolWait.record(.now - start)
        }
        let flag = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // Not before the waiter stands in the line: a timer that finds none would never fail it.
                if wait(Waiter(id: id, continuation: continuation), flag) {
                    timeout.withLock { $0 = startTimer(for: id) }
                }
            }
        } onCancel: {
            flag.set()
            fail(id, .cancelled())
        }
    }

    /// Lends a connection to a single statement. Does not wait: nil if all are lent, somebody waits for one, or statements
    /// have as many as they may, which is half of them, so that transactions always find some.
    func lendToStatement() -> ConnectionLoop? {
        defer { endUnfit() }
        return state.withLock { state in
            guard state.waiters.isEmpty, state.lentToStatements < capacity / 2,
                let connection = try? takeOrMake(&state)
            else { return nil }
            state.lentToStatements += 1
            return connection
        }
    }

    /// Takes a connection back from a single statement.
    func releaseFromStatement(_ connection: ConnectionLoop, isFit: Bool) {
        state.withLock { $0.lentToStatements -= 1 }
        release(connection, isFit: isFit)
    }

    private func startTimer(for id: UInt64) -> Task<Void, any Error> {
        timer(configuration.poolTimeout) { [self] in
            metrics.poolTimeouts.increment()
            fail(
                id,
                PostgresError(
                    .poolTimeout,
                    "none of \(capacity) connections to \(configuration.redacted) became free within "
                        + "\(configuration.poolTimeout)", isRetryable: true))
        }
    }

    /// Takes a connection back; one that is not fit is closed, and replaced if somebody waits.
    func release(_ connection: ConnectionLoop, isFit: Bool) {
        let isKept = isFit && connection.isFit
        let (waiter, successor, isEnding) = state.withLock { state -> (Waiter?, ConnectionLoop?, Bool) in
            if let waiter = state.waiters.popFirst() {
                if !isKept { state.ending += 1 }
                return (waiter, isKept ? connection : makeConnection(), !isKept)
            }
            if isKept, !state.isClosed {
                state.idle.append(connection)
                return (nil, nil, false)
            }
            state.total -= 1
            state.ending += 1
            return (nil, nil, true)
        }
        if isEnding { end(connection, isFit: isKept) }
        if let waiter, let successor { waiter.continuation.resume(returning: successor) }
    }

    private func end(_ connection: ConnectionLoop, isFit: Bool) {
        if isFit { connection.drain() } else { connection.abort() }
        Task {
            await connection.waitForTermination()
            self.state.withLock { $0.ending -= 1 }
            self.signalIfEmpty()
        }
    }

    /// Refuses new callers, waits until every connection is back and its thread has ended.
    func close() async {
        let (idle, waiters) = state.withLock { state in
            state.isClosed = true
            defer {
                state.total -= state.idle.count
                state.idle.removeAll()
            }
            return (state.idle, state.waiters.removeAll())
        }
        for waiter in waiters { waiter.continuation.resume(throwing: PostgresError.closed()) }
        for connection in idle { connection.drain() }
        for connection in idle { await connection.waitForTermination() }
        await withCheckedContinuation { continuation in
            state.withLock { $0.closers.append(continuation) }
            signalIfEmpty()
        }
    }

    private func takeOrMake(_ state: inout State) throws -> ConnectionLoop? {
        if state.isClosed { throw PostgresError.closed() }
        while let connection = state.idle.popLast() {
            if connection.isFit { return connection }
            state.total -= 1
            state.ending += 1
            state.unfit.append(connection)
        }
        if state.total == capacity { return nil }
        state.total += 1
        return makeConnection()
    }

    /// Closes what was found idle and unfit.
    private func endUnfit() {
        let unfit = state.withLock { state in
            defer { state.unfit = [] }
            return state.unfit
        }
        for connection in unfit { end(connection, isFit: false) }
    }

    /// Serves the waiter, or puts it into the line; whether it stands there.
    private func wait(_ waiter: Waiter, _ flag: CancellationFlag) -> Bool {
        let outcome: Result<ConnectionLoop, PostgresError>? = state.withLock { state in
            if flag.isCancelled { return .failure(.cancelled()) }
            do {
                // One may have come back since the first look.
                if let connection = try takeOrMake(&state) { return .success(connection) }
            } catch {
                return .failure(.closed())
            }
            state.waiters.append(waiter)
            return nil
        }
        switch outcome {
        case .success(let connection): waiter.continuation.resume(returning: connection)
        case .failure(let error): waiter.continuation.resume(throwing: error)
        case nil: return true
        }
        return false
    }

    private func fail(_ id: UInt64, _ error: PostgresError) {
        let waiter = state.withLock { $0.waiters.remove { $0.id == id } }
        waiter?.continuation.resume(throwing: error)
    }

    private func signalIfEmpty() {
        let closers = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            if !state.isClosed || state.total > 0 || state.ending > 0 { return [] }
            defer { state.closers.removeAll() }
            return state.closers
        }
        for closer in closers { closer.resume() }
    }
}
