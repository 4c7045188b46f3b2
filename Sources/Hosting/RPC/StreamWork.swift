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
