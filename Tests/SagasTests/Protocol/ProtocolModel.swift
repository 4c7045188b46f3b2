@testable import Sagas

/// The steps that coordinator and participants can take, each one transaction.
struct ProtocolModel {
    /// A contradiction that a message meets; in the shop it becomes a dead letter.
    struct Violation: Error { let reason: String }

    let rules: ProtocolRules

    /// Takes a message, and tells what is sent for it.
    ///
    /// - Parameter votes: What a participant says that is asked for the first time.
    func take(
        _ message: ProtocolMessage, votes vote: SagaVote, in saga: inout ProtocolSaga
    ) throws(Violation) -> [ProtocolMessage] {
        switch message {
        case .step(let kind, let participant): try step(kind, participant, vote, &saga)
        case .vote(let participant, let vote):
            try input(.vote(participant: ProtocolSaga.names[participant], vote), from: participant, &saga)
        case .done(let participant, let decision):
            try input(.done(participant: ProtocolSaga.names[participant], decision), from: participant, &saga)
        }
    }

    /// Has the coordinator take what does not come from a participant: its timer, or a call that ends the saga.
    func input(
        _ input: SagaInput, from participant: Int? = nil, _ saga: inout ProtocolSaga
    ) throws(Violation) -> [ProtocolMessage] {
        guard let was = saga.coordinator else {
            guard case .vote = input, let participant else { return [] }
            return [.step(.cancel, to: participant)]
        }
        var (state, effects) = rules.reduce(was, input)
        // How often something was sent again, and why it is cancelled, change no decision.
        state.resends = 0
        state.refusal = nil
        saga.coordinator = state
        var sent: [ProtocolMessage] = []
        for effect in effects {
            switch effect {
            case .send(let kind):
                sent += recipients(of: kind, was, state, input, participant).map { .step(kind, to: $0) }
            case .decided: saga.decisions += 1
            case .finished, .flagStuck: break
            case .violation(let reason): throw Violation(reason: reason)
            }
        }
        return sent
    }

    private func recipients(
        of kind: SagaMessageKind, _ was: SagaState, _ state: SagaState, _ input: SagaInput, _ participant: Int?
    ) -> [Int] {
        func all(_ matches: (SagaState.Participant) -> Bool) -> [Int] {
            ProtocolSaga.names.indices.filter { matches(state.participants[ProtocolSaga.names[$0]]!) }
        }
        if kind == .try { return all { $0.vote == nil } }
        if was.phase == .trying { return all { _ in true } }
        let waiting = all { !$0.isDone }
        guard kind == .cancel, case .vote(_, .accepted) = input, let participant, !waiting.contains(participant) else {
            return waiting
        }
        return waiting + [participant]
    }

    private func step(
        _ kind: SagaMessageKind, _ participant: Int, _ vote: SagaVote, _ saga: inout ProtocolSaga
    ) throws(Violation) -> [ProtocolMessage] {
        var branch = saga.branches[participant]
        defer { saga.branches[participant] = branch }
        switch rules.action(kind, branch.state) {
        case .perform:
            switch vote {
            case .accepted:
                branch.tried += 1
                branch.state = .tried
            case .refused(let refusal): branch.state = .refused(refusal)
            }
            return [.vote(of: participant, vote)]
        case .confirm:
            if branch.state != .tried { branch.tried += 1 }
            branch.final += 1
            branch.state = .confirmed
            return [.done(by: participant, .confirm)]
        case .compensate:
            branch.undone += 1
            branch.state = .cancelled
            branch.toldUndone = true
            return [.done(by: participant, .cancel)]
        case .entomb:
            branch.state = .cancelled
            branch.toldUndone = true
            return [.done(by: participant, .cancel)]
        case .repeatVote(let vote): return [.vote(of: participant, vote)]
        case .repeatDone(let decision):
            if decision == .cancel { branch.toldUndone = true }
            return [.done(by: participant, decision)]
        case .violation(let reason): throw Violation(reason: reason)
        }
    }

    /// Has a participant take its part back by itself.
    func letGo(_ participant: Int, _ saga: inout ProtocolSaga) {
        saga.branches[participant].undone += 1
        saga.branches[participant].state = .cancelled
    }

    /// Has everything that was sent be lost, and from then on nothing; tells what is wrong with the end, if anything.
    func brokenRuleAtTheEnd(of start: ProtocolSaga) -> String? {
        guard !start.isForgotten else { return nil }
        for deadlinePassed in [false, true] {
            for vote in [SagaVote.accepted, .refused(ProtocolMessage.refusal)] {
                var saga = start
                do {
                    for _ in 0..<6 where !saga.isOver {
                        var messages = try input(.timer(deadlinePassed: deadlinePassed), &saga)
                        while let message = messages.popLast() {
                            messages += try take(message, votes: vote, in: &saga)
                        }
                    }
                } catch {
                    return error.reason
                }
                if let rule = saga.isOver ? saga.brokenRule : "it does not end" { return rule }
            }
        }
        return nil
    }
}
