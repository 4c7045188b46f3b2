public import GRPCCore

/// Runs what a stream's handler does until it ends, its caller has gone or the server stops; the latter two are good ends.
///
/// That a call is over is told to its context, not to the handler's task: the work runs in a task of its own, which is
/// cancelled whatever it waits for.
public func untilCallIsOver(_ context: ServerContext, _ work: @escaping @Sendable () async throws -> Void) async throws
{
    let working = Task { try await work() }
    do {
        try await withTaskCancellationHandler {
            try await withRPCCancellationHandler {
                // A handler that comes too late is not called.
                if context.cancellation.isCancelled { working.cancel() }
                try await working.value
            } onCancelRPC: {
                working.cancel()
            }
        } onCancel: {
            working.cancel()
        }
    } catch {
        guard working.isCancelled else { throw error }
    }
}

/// The tasks of a stream that carries many conversations, each with a number of its caller's.
///
/// One that has ended keeps its number until the caller has said that it is done with it.
public struct StreamTasks: ~Copyable {
    private let limit: Int
    private var tasks: [UInt64: Task<Void, Never>] = [:]

    /// - Parameter limit: The most numbers in use.
    public init(limit: Int) {
        self.limit = limit
    }

    /// Starts a task, unless the number is in use or there are too many.
    ///
    /// - Returns: Whether it was started.
    public mutating func start(_ number: UInt64, _ body: @escaping @Sendable () async -> Void) -> Bool {
        guard tasks[number] == nil, tasks.count < limit else { return false }
        tasks[number] = Task { await body() }
        return true
    }

    /// Cancels a task and frees its number.
    public mutating func stop(_ number: UInt64) {
        tasks.removeValue(forKey: number)?.cancel()
    }

    deinit {
        for task in tasks.values { task.cancel() }
    }
}
