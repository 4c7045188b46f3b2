public import GRPCCore
import Synchronization

/// The work of one call, cancelled as soon as nobody waits for its answer: its caller has gone, its time is over, or the
/// server closes its connections.
///
/// gRPC tells that to the call's context and not to the handler's task. Cancelled work stops waiting and reading at once,
/// and its transaction is rolled back; what has sent its COMMIT goes on to its end.
///
/// The library loses that word where a stream has been closed before its handler begins. So the deadline is watched here
/// as well: work that nobody can cancel any more would go on for as long as it likes, and keep a stopping server.
public final class WantedWork<Output: Sendable>: TimedCall {
    private struct State {
        var result: Result<Output, any Error>?
        var isReleased = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    private init() {}

    /// Runs the work of a call.
    ///
    /// - Throws: What the work throws; cancelled work, `CancellationError` or its driver's word for it.
    public static func run(
        _ context: ServerContext, _ work: @Sendable () async throws -> Output
    ) async throws -> Output {
        let call = WantedWork()
        let deadline = CallContext.current?.deadline
        if let deadline { LateWork.deadlines.watch(call, until: deadline) }
        defer { if deadline != nil { LateWork.deadlines.forget(call) } }
        do {
            // At the end of the scope the work is cancelled if it is still under way, and waited for.
            async let _: Void = call.carryOut(work)
            await withRPCCancellationHandler {
                // A handler that comes too late is not called.
                if context.cancellation.isCancelled { call.release() }
                await call.untilReleased()
            } onCancelRPC: {
                call.release()
            }
        }
        guard let result = call.state.withLock({ $0.result }) else { throw CancellationError() }
        return try result.get()
    }

    func giveUp(_ error: RPCError) { release() }

    private func carryOut(_ work: @Sendable () async throws -> Output) async {
        let result: Result<Output, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        state.withLock { $0.result = result }
        release()
    }

    /// Ends the wait for the work, which has ended or is not wanted any more.
    private func release() {
        let waiter = state.withLock { state in
            state.isReleased = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    private func untilReleased() async {
        await withCheckedContinuation { continuation in
            let isReleased = state.withLock { state in
                if !state.isReleased { state.waiter = continuation }
                return state.isReleased
            }
            if isReleased { continuation.resume() }
        }
    }
}

/// The deadlines of all calls that come to this process.
private enum LateWork {
    static let deadlines = CallDeadlines()
}
