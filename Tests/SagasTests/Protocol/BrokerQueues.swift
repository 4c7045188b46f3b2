/// Sagas on queues that lose nothing that was published, with processes that end at any time, and without a timer.
///
/// An entry stays in its queue until it is acknowledged. Whoever has taken a batch publishes what it caused, awaits the
/// confirms and acknowledges it; a process that ends on the way has it delivered again.
struct BrokerQueues {
    /// The sagas with what is queued, and how often a process has ended.
    struct State: Hashable {
        var sagas = SagaPair()
        var ends = 0
    }

    typealias Explored = Exploration<State>

    /// The bounds within which everything is explored.
    struct Bounds {
        let sagas: Int
        /// How often a process may end; nil for any number of times.
        let ends: Int?
        /// The participants that refuse for reasons of their own, and not only because the last unit is taken.
        let refusing: Set<Int>

        static let all = [
            Self(sagas: 1, ends: nil, refusing: [1]), Self(sagas: 2, ends: 1, refusing: []),
        ]
    }

    private let steps: SagaSteps
    private let bounds: Bounds

    /// Explores everything that can happen; when nothing is queued for a saga any more it must be over.
    static func explore(_ steps: SagaSteps, _ bounds: Bounds) throws(Finding) -> Explored {
        let queues = Self(steps: steps, bounds: bounds)
        var first = State()
        for saga in bounds.sagas..<2 { first.sagas[saga].messages = ProtocolMessages() }
        return try Explored(from: first, moves: queues.moves, brokenRule: queues.brokenRule)
    }

    private func brokenRule(_ state: State) -> String? {
        for saga in 0..<bounds.sagas {
            let part = state.sagas[saga]
            if let rule = steps.brokenRule(part) { return rule }
            if part.messages.isEmpty, !steps.isOver(part.saga) { return "the queues are empty, and it is not over" }
        }
        return nil
    }

    private func moves(_ state: State, _ moves: inout Explored.Moves) {
        for node in 0..<3 {
            var batch = SagaBatch(of: node, state.sagas, steps)
            batch.extend(repeating: false, refusing: bounds.refusing) { add($0, to: state, &moves) }
        }
    }

    private func add(_ batch: SagaBatch, to state: State, _ moves: inout Explored.Moves) {
        var all = batch.sent[0]
        all.insert(batch.sent[1])
        moves.add(handled(batch, state, publishing: all, acknowledging: true), batch.name)
        guard bounds.ends.map({ state.ends < $0 }) ?? true else { return }
        // What is of one kind travels as one message.
        let messages = ProtocolMessages.kinds.filter { !$0.common(with: all).isEmpty }
        for choice in 0..<(1 << messages.count) {
            let published = messages.indices.reduce(into: ProtocolMessages()) {
                if choice & 1 << $1 != 0 { $0.insert(messages[$1]) }
            }
            var next = handled(batch, state, publishing: published, acknowledging: steps.rules.acknowledgesFirst)
            if bounds.ends != nil { next.ends += 1 }
            moves.add(next, "\(batch.name), ends after \(choice.nonzeroBitCount) of \(messages.count)")
        }
    }

    private func handled(
        _ batch: SagaBatch, _ state: State, publishing published: ProtocolMessages, acknowledging: Bool
    ) -> State {
        var next = State(sagas: batch.sagas, ends: state.ends)
        for saga in 0..<2 {
            if acknowledging { next.sagas[saga].messages.remove(batch.entries[saga]) }
            next.sagas[saga].messages.insert(batch.sent[saga].common(with: published))
        }
        if bounds.sagas == 2 { next.sagas = next.sagas.sorted }
        return next
    }
}
