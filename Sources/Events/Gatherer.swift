import Synchronization

/// Has items done together that come while others are under way: batches form by themselves, and an item that comes
/// alone waits for nobody.
///
/// A gatherer whose batches set off work that takes longer than they do may be given a pace: see ``GatherPace``.
///
/// A batch that fails is halved until the item at fault stands alone. A failure that says nothing of the items, such as
/// that of a backend that is away, is that of all.
public final class Gatherer<Item: Sendable, Answer: Sendable>: Sendable {
    /// Does a batch, wholly or not at all.
    ///
    /// - Returns: An answer for each item, in their order.
    public typealias Work = @Sendable ([Item]) async throws -> [Result<Answer, any Error>]

    private struct Entry: Sendable {
        let id: UInt64
        let item: Item
        let continuation: CheckedContinuation<Answer, any Error>
    }

    /// A batch under way.
    private struct Run {
        var task: Task<Void, Never>?
        /// The items whose callers still wait.
        var wanted: Set<UInt64>
    }

    private struct State {
        var waiting: [Entry] = []
        var runs: [UInt64: Run] = [:]
        /// Of items whose callers had gone before they were entered.
        var gone: Set<UInt64> = []
        var lastID: UInt64 = 0
        /// Nil without a pace.
        var pace: PaceKeeper?
    }

    private let state: Mutex<State>
    private let limit: Int
    private let width: Int
    private let pace: GatherPace<Answer>?
    private let isOfAll: @Sendable (any Error) -> Bool
    private let work: Work

    /// - Parameters:
    ///   - limit: The most items of a batch.
    ///   - width: The most batches at a time.
    ///   - pace: When a batch follows one whose consequences go on; nil starts it as soon as there is a place.
    ///   - isOfAll: Tells the failures that say nothing of the items, besides those of the database.
    public init(
        limit: Int, width: Int, pace: GatherPace<Answer>? = nil,
        isOfAll: @escaping @Sendable (any Error) -> Bool = { _ in false }, _ work: @escaping Work
    ) {
        state = Mutex(State(pace: pace.map { PaceKeeper(crowd: $0.crowd) }))
        self.limit = limit
        self.width = width
        self.pace = pace
        self.isOfAll = isOfAll
        self.work = work
    }

    /// Has an item done, with others if there are any.
    ///
    /// The work is not of the caller's task: task-local values go in with the item. A caller that is cancelled while the
    /// item waits for its batch has had nothing done; the batch itself is cancelled when nobody waits for it any more.
    ///
    /// - Throws: What the work throws or gives for this item; `CancellationError`.
    public func submit(_ item: Item) async throws -> Answer {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        // A caller may be cancelled when it has its answer already.
        defer { state.withLock { _ = $0.gone.remove(id) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isGone = state.withLock { state in
                    if state.gone.remove(id) != nil { return true }
                    state.waiting.append(Entry(id: id, item: item, continuation: continuation))
                    return false
                }
                if isGone { continuation.resume(throwing: CancellationError()) } else { startRuns() }
            }
        } onCancel: {
            giveUp(id)
        }
    }

    /// The number of items that wait for their batch.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func startRuns() {
        state.withLock { state in
            while state.runs.count < width, !state.waiting.isEmpty,
                state.pace?.allows(state.waiting.count, besides: state.runs.count) ?? true
            {
                let batch = Array(state.waiting.prefix(limit))
                state.waiting.removeFirst(batch.count)
                let id = batch[0].id
                state.runs[id] = Run(wanted: Set(batch.map(\.id)))
                // Detached: the batch is not the first caller's.
                state.runs[id]?.task = Task.detached { [self] in
                    await end(id, carryOut(batch[...], in: id))
                }
            }
        }
    }

    /// A batch is done: its place is free, unless its consequences keep it.
    private func end(_ run: UInt64, _ answers: [Answer]) async {
        // Nobody waits for what was cancelled.
        let pace = answers.isEmpty || Task.isCancelled ? nil : pace
        state.withLock { state in
            state.runs[run] = nil
            if pace != nil { state.pace?.begin() }
        }
        startRuns()
        guard let pace else { return }
        let start = ContinuousClock.now
        await pace.consequences(answers)
        let now = ContinuousClock.now
        let pause = state.withLock { state in
            state.pace?.end(answers.count, waiting: state.waiting.count, after: start.duration(to: now), at: now)
        }
        startRuns()
        guard let pause else { return }
        // Nobody can cancel it any more: a batch is given up only before it is answered.
        try? await Task.sleep(for: pause)
        startRuns()
    }

    private func giveUp(_ id: UInt64) {
        let (waiting, abandoned) = state.withLock { state -> (Entry?, Task<Void, Never>?) in
            if let index = state.waiting.firstIndex(where: { $0.id == id }) {
                return (state.waiting.remove(at: index), nil)
            }
            guard let run = state.runs.first(where: { $0.value.wanted.contains(id) })?.key else {
                state.gone.insert(id)
                return (nil, nil)
            }
            state.runs[run]?.wanted.remove(id)
            return (nil, state.runs[run]?.wanted.isEmpty == true ? state.runs[run]?.task : nil)
        }
        waiting?.continuation.resume(throwing: CancellationError())
        abandoned?.cancel()
    }

    /// - Returns: The answers of those that succeeded.
    private func carryOut(_ entries: ArraySlice<Entry>, in run: UInt64) async -> [Answer] {
        do {
            let answers = try await work(entries.map(\.item))
            precondition(answers.count == entries.count, "every item of a batch has an answer")
            settle(entries, in: run)
            for (entry, answer) in zip(entries, answers) { entry.continuation.resume(with: answer) }
            return answers.compactMap { try? $0.get() }
        } catch {
            guard entries.count > 1, !Task.isCancelled, !isBackend(error), !isOfAll(error) else {
                settle(entries, in: run)
                for entry in entries { entry.continuation.resume(throwing: error) }
                return []
            }
            let middle = entries.startIndex + entries.count / 2
            let answers = await carryOut(entries[..<middle], in: run)
            if !isWanted(run) { withUnsafeCurrentTask { $0?.cancel() } }
            return await answers + carryOut(entries[middle...], in: run)
        }
    }

    /// These are answered, and nobody's to give up any more.
    private func settle(_ entries: ArraySlice<Entry>, in run: UInt64) {
        state.withLock { state in
            for entry in entries { state.runs[run]?.wanted.remove(entry.id) }
        }
    }

    private func isWanted(_ run: UInt64) -> Bool { state.withLock { $0.runs[run]?.wanted.isEmpty == false } }

    private func isBackend(_ error: any Error) -> Bool {
        if case .backend = FailureKind(error) { true } else { false }
    }
}
