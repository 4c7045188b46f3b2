@testable import Sagas

/// A saga on a network that loses, repeats and reorders, with processes that end at any time.
///
/// What was once sent may arrive at any time and any number of times, or never. A process that ends between its commit
/// and its publish is a message that never arrives; one that ends before its acknowledgement, one that arrives again.
struct UnreliableNetwork: Hashable {
    typealias Explored = Exploration<Self>

    var saga = ProtocolSaga()
    var sent = ProtocolMessages([.step(.try, to: 0), .step(.try, to: 1)])

    /// Explores everything that can happen.
    static func explore(_ rules: ProtocolRules) throws(Explored.Finding) -> Explored {
        let model = ProtocolModel(rules: rules)
        return try Explored(from: Self(), moves: { $0.moves(model) }, brokenRule: { state, _ in state.saga.brokenRule })
    }

    private func moves(_ model: ProtocolModel) -> [Explored.Move] {
        let calledOff = SagaRefusal(code: "called_off", message: "called off")
        let inputs: [SagaInput] = [.timer(deadlinePassed: false), .timer(deadlinePassed: true), .abort(calledOff)]
        var moves = inputs.map { input in
            move("\(input)") { saga throws(ProtocolModel.Violation) in try model.input(input, &saga) }
        }
        for message in sent {
            let isTry = if case .step(.try, _) = message { true } else { false }
            for vote in isTry ? [SagaVote.accepted, .refused(ProtocolMessage.refusal)] : [.accepted] {
                moves.append(
                    move("\(message)") { saga throws(ProtocolModel.Violation) in
                        try model.take(message, votes: vote, in: &saga)
                    })
            }
        }
        return moves + forgetting(model) + (model.rules.letsGo ? lettingGo(model) : [])
    }

    private func move(
        _ name: String, _ change: (inout ProtocolSaga) throws(ProtocolModel.Violation) -> [ProtocolMessage]
    ) -> Explored.Move {
        var next = self
        do {
            next.sent.insert(try change(&next.saga))
        } catch {
            // What comes long after the end meets rows that are gone; it becomes a dead letter and changes nothing.
            guard saga.isForgotten else {
                return .init(name: name, result: .failure(.init(rule: error.reason)))
            }
            next = self
        }
        return .init(name: name, result: .success(next))
    }

    /// Rows of what is over are deleted when they are old; a `try` as old as that begins nothing.
    private func forgetting(_ model: ProtocolModel) -> [Explored.Move] {
        guard saga.isOver else { return [] }
        func old(_ name: String, _ forget: (inout ProtocolSaga) -> Void) -> Explored.Move {
            var next = self
            forget(&next.saga)
            next.saga.isForgotten = true
            if !model.rules.takesOldTries {
                for participant in 0..<2 { next.sent.remove(.step(.try, to: participant)) }
            }
            return .init(name: name, result: .success(next))
        }
        return [old("the saga is forgotten") { $0.coordinator = nil }]
            + saga.branches.indices.map { participant in
                old("a branch is forgotten") { $0.branches[participant].state = nil }
            }
    }

    private func lettingGo(_ model: ProtocolModel) -> [Explored.Move] {
        saga.branches.indices.filter { saga.branches[$0].state == .tried }.map { participant in
            var next = self
            model.letGo(participant, &next.saga)
            return .init(name: "lets go", result: .success(next))
        }
    }

    /// Has everything that was sent be lost, and from then on nothing; tells what is wrong with the end, if anything.
    func brokenRuleAtTheEnd(_ rules: ProtocolRules, deadlinePassed: Bool) -> String? {
        let model = ProtocolModel(rules: rules)
        var saga = saga
        do {
            for _ in 0..<6 where !saga.isOver {
                var messages = try model.input(.timer(deadlinePassed: deadlinePassed), &saga)
                while let message = messages.popLast() {
                    messages += try model.take(message, votes: .accepted, in: &saga)
                }
            }
        } catch {
            return error.reason
        }
        return saga.isOver ? saga.brokenRule : "it does not end"
    }
}
