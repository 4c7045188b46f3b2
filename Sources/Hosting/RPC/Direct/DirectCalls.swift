import GRPCCore
import Synchronization

/// The calls with one answer that a role is asked for by others of its process, and who serves them.
///
/// As over the wire, a call waits for a server that has not begun, within its deadline; the server ends when the open
/// calls have, and cancels those that it does not wait for any longer.
final class DirectCalls: Sendable {
    /// The server's side.
    struct Endpoint: Sendable {
        let services: [any RegistrableRPCService]
        let interceptor: ServerCallInterceptor
    }

    /// The answer to a call that wants to begin.
    enum Admission: Sendable {
        /// Begun, under a number to be given back.
        case open(Endpoint, number: UInt64)
        /// Nobody serves yet; the stream ends when that changes.
        case early(AsyncStream<Never>)
        /// Nobody serves any more.
        case late
    }

    private enum Phase {
        case early([AsyncStream<Never>.Continuation])
        case serving(Endpoint)
        case over
    }

    private struct State {
        var phase = Phase.early([])
        var nextNumber: UInt64 = 0
        var open: [UInt64: any DirectCall] = [:]
        var end: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let deadlines = CallDeadlines()

    /// Serves until ``stop()``, or until its task is cancelled, and then until the open calls have ended.
    func serve(_ endpoint: Endpoint) async {
        let early: [AsyncStream<Never>.Continuation] = state.withLock { state in
            guard case .early(let waiting) = state.phase else { return [] }
            state.phase = .serving(endpoint)
            return waiting
        }
        for waiting in early { waiting.finish() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if case .over = state.phase, state.open.isEmpty { return true }
                    state.end = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            stop()
        }
        deadlines.stop()
    }

    /// Takes no call any more, and cancels the open ones.
    func stop() {
        let (early, open, end) = state.withLock { state in
            var early: [AsyncStream<Never>.Continuation] = []
            if case .early(let waiting) = state.phase { early = waiting }
            state.phase = .over
            return (early, Array(state.open.values), state.open.isEmpty ? state.end.take() : nil)
        }
        for waiting in early { waiting.finish() }
        for call in open { call.cancel() }
        end?.resume()
    }

    /// Begins a call, if there is a server.
    func begin(_ call: any DirectCall, deadline: ContinuousClock.Instant) -> Admission {
        let admission: Admission = state.withLock { state in
            switch state.phase {
            case .early(let waiting):
                let (stream, continuation) = AsyncStream<Never>.makeStream()
                state.phase = .early(waiting + [continuation])
                return .early(stream)
            case .serving(let endpoint):
                let number = state.nextNumber
                state.nextNumber += 1
                state.open[number] = call
                return .open(endpoint, number: number)
            case .over:
                return .late
            }
        }
        if case .open = admission { deadlines.watch(call, until: deadline) }
        return admission
    }

    /// Notes that a call's caller has its answer, or has given it up: its deadline is nobody's matter any more.
    func answered(_ call: any DirectCall) { deadlines.forget(call) }

    /// Notes that a call's handler has ended.
    func ended(_ number: UInt64) {
        let end = state.withLock { state in
            state.open.removeValue(forKey: number)
            guard case .over = state.phase, state.open.isEmpty else { return nil as CheckedContinuation<Void, Never>? }
            return state.end.take()
        }
        end?.resume()
    }
}

/// A call under way within the process.
protocol DirectCall: TimedCall {
    /// Has the handler give up, whose answer the caller still waits for.
    func cancel()
}
