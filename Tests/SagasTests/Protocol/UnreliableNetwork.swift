/// Two sagas on a network that loses, repeats and reorders, with processes that end at any time.
///
/// An entry that was once sent may arrive at any time and any number of times, or never. A process that ends between its
/// commit and its publish is entries that never arrive; one that ends before its acknowledgement, some that arrive
/// again. So what is answered without a change is taken to have been answered: nothing becomes impossible by it.
struct UnreliableNetwork {
    typealias Explored = Exploration<SagaPair>

    private let steps: SagaSteps

    /// Explores everything that can happen.
    static func explore(_ steps: SagaSteps) throws(Finding) -> Explored {
        let network = Self(steps: steps)
        return try Explored(
            from: network.answered(SagaPair()), moves: network.moves, brokenRule: network.brokenRule)
    }

    private func answered(_ pair: SagaPair, since was: SagaPair? = nil) -> SagaPair {
        var next = pair
        for saga in 0..<2 {
            let part = pair[saga]
            if let was, part == was[saga] { continue }
            next[saga].messages = steps.answered(part)
        }
        return next.sorted
    }

    private func brokenRule(_ pair: SagaPair) -> String? {
        if let rule = steps.brokenRule(pair[0]) ?? steps.brokenRule(pair[1]) { return rule }
        let held = steps.held(by: pair[0].saga) + steps.held(by: pair[1].saga)
        return held > 1 ? "the last unit is given to both" : nil
    }

    private func moves(_ pair: SagaPair, _ moves: inout Explored.Moves) {
        for saga in 0..<2 {
            for turn in steps.turns(of: pair[saga].saga) {
                var next = pair
                next[saga].saga = turn.saga
                next[saga].messages.remove(turn.outdated)
                next[saga].messages.insert(turn.sent)
                moves.add(answered(next, since: pair), "\(turn.name), saga \(saga)")
            }
        }
        for node in 0..<3 {
            var batch = SagaBatch(of: node, pair, steps)
            batch.extend(repeating: true, refusing: [1]) { batch in
                var next = batch.sagas
                for saga in 0..<2 { next[saga].messages.insert(batch.sent[saga]) }
                moves.add(answered(next, since: pair), batch.name)
            }
        }
    }
}
