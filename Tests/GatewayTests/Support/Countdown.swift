import Synchronization

/// Something that is done after so many steps.
final class Countdown: Sendable {
    private let state: Mutex<(left: Int, waiting: [CheckedContinuation<Void, Never>])>

    init(_ count: Int) { state = Mutex((count, [])) }

    var isDone: Bool { state.withLock { $0.left <= 0 } }

    func step() {
        for continuation in takeIfDone(after: 1) { continuation.resume() }
    }

    func done() async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append(continuation) }
            for continuation in takeIfDone(after: 0) { continuation.resume() }
        }
    }

    private func takeIfDone(after steps: Int) -> [CheckedContinuation<Void, Never>] {
        state.withLock { state in
            state.left -= steps
            guard state.left <= 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
