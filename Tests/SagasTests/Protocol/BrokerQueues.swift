@testable import Sagas

/// A saga on queues that lose nothing that was published, with processes that end at any time, and without a timer.
///
/// A message stays in its queue until it is acknowledged. Whoever has taken it publishes what it caused, awaits the
/// confirms and acknowledges it; a process that ends on the way has it delivered again.
struct BrokerQueues: Hashable {
    typealias Explored = Exploration<Self>

    var saga = ProtocolSaga()
    var queued = ProtocolMessages([.step(.try, to: 0), .step(.try, to: 1)])

    /// Explores everything that can happen; where nothing is left in the queues the saga must be over.
    static func explore(_ rules: ProtocolRules) throws(Explored.Finding) -> Explored {
        let model = ProtocolModel(rules: rules)
        return try Explored(
            from: Self(), moves: { $0.moves(model) },
            brokenRule: { state, isLast in
                state.saga.brokenRule
                    ?? (isLast && !state.saga.isOver ? "the queues are empty, and it is not over" : nil)
            })
    }

    private func moves(_ model: ProtocolModel) -> [Explored.Move] {
        queued.flatMap { message -> [Explored.Move] in
            let isTry = if case .step(.try, _) = message { true } else { false }
            return (isTry ? [SagaVote.accepted, .refused(ProtocolMessage.refusal)] : [.accepted])
                .flatMap { moves(message, $0, model) }
        }
    }

    private func moves(_ message: ProtocolMessage, _ vote: SagaVote, _ model: ProtocolModel) -> [Explored.Move] {
        var committed = self
        let caused: [ProtocolMessage]
        do {
            caused = try model.take(message, votes: vote, in: &committed.saga)
        } catch {
            return [.init(name: "\(message)", result: .failure(.init(rule: error.reason)))]
        }
        // The process ends after having published none, one or all of it.
        var moves = (0...caused.count).map { count in
            var next = committed
            next.queued.insert(Array(caused.prefix(count)))
            if model.rules.acknowledgesFirst { next.queued.remove(message) }
            return Explored.Move(name: "\(message), ends after \(count) of \(caused.count)", result: .success(next))
        }
        var next = committed
        next.queued.remove(message)
        next.queued.insert(caused)
        moves.append(.init(name: "\(message)", result: .success(next)))
        return moves
    }
}
