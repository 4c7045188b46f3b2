/// The things that can happen to a saga.
public enum SagaInput: Sendable, Equatable, Hashable {
    /// A participant has voted.
    case vote(participant: String, SagaVote)
    /// A participant has carried a decision out.
    case done(participant: String, SagaDecision)
    /// Nothing was heard for long enough.
    case timer(deadlinePassed: Bool)
    /// The coordinating service calls it off, if it is not too late.
    case abort(SagaRefusal)
}

/// The things that the coordinator has to do about it.
public enum SagaEffect: Sendable, Equatable, Hashable {
    /// Send `try`, `confirm` or `cancel` to the participants.
    case send(SagaMessageKind)
    /// The decision has been taken, this moment.
    case decided(SagaDecision)
    /// Everyone has carried it out.
    case finished
    /// Tell an operator.
    case flagStuck
    /// The input contradicts what is recorded.
    case violation(String)
}

/// The coordinator's decisions as a pure function: every rule of the protocol, and no I/O.
public enum SagaLogic {
    /// After how many fruitless resends of a decision a saga is flagged for an operator.
    public static let resendsUntilStuck = 5

    /// The state after an input, and what must be done; both belong in one transaction.
    public static func reduce(_ state: SagaState, _ input: SagaInput) -> (state: SagaState, effects: [SagaEffect]) {
        switch input {
        case .vote(let participant, let vote): takeVote(state, participant, vote)
        case .done(let participant, let decision): takeDone(state, participant, decision)
        case .timer(let deadlinePassed): takeTimer(state, deadlinePassed)
        // What is decided stays so: whoever comes too late has no effect, and learns it from there being none.
        case .abort(let refusal): state.phase == .trying ? decide(state, .cancel, refusal) : (state, [])
        }
    }

    private static func takeVote(
        _ state: SagaState, _ name: String, _ vote: SagaVote
    ) -> (SagaState, [SagaEffect]) {
        guard let participant = state.participants[name] else {
            return (state, [.violation("\(name) is not a participant")])
        }
        if participant.isDone, vote == .accepted, state.phase == .cancelling || state.phase == .cancelled {
            // It has done its part anew, after having taken it back: its memory of that is gone.
            return (state, [.send(.cancel)])
        }
        if let earlier = participant.vote {
            // A repeated vote says the same thing. After a cancel a participant may have refused a late try.
            let contradicts = earlier != vote && state.phase != .cancelling && state.phase != .cancelled
            if contradicts { return (state, [.violation("\(name) has voted otherwise before")]) }
            // Whoever is asked again has lost something on the way, and others may not have heard the decision either.
            return (state, decisionAgain(state))
        }
        var state = state
        state.participants[name]?.vote = vote
        guard state.phase == .trying else { return (state, decisionAgain(state)) }
        switch vote {
        case .refused(let refusal):
            return decide(state, .cancel, refusal)
        case .accepted:
            let allAccepted = state.participants.values.allSatisfy { $0.vote == .accepted }
            return allAccepted ? decide(state, .confirm, nil) : (state, [])
        }
    }

    private static func decisionAgain(_ state: SagaState) -> [SagaEffect] {
        switch state.phase {
        case .confirming: [.send(.confirm)]
        case .cancelling: [.send(.cancel)]
        case .trying, .confirmed, .cancelled: []
        }
    }

    private static func takeDone(
        _ state: SagaState, _ name: String, _ decision: SagaDecision
    ) -> (SagaState, [SagaEffect]) {
        guard let participant = state.participants[name] else {
            return (state, [.violation("\(name) is not a participant")])
        }
        let taken: SagaDecision
        switch state.phase {
        case .trying: return (state, [.violation("\(name) carried out a decision that was not taken")])
        case .confirming, .confirmed: taken = .confirm
        case .cancelling, .cancelled: taken = .cancel
        }
        guard decision == taken else {
            return (state, [.violation("\(name) carried out \(decision.rawValue), decided was \(taken.rawValue)")])
        }
        guard !participant.isDone else { return (state, []) }
        var state = state
        state.participants[name]?.isDone = true
        state.resends = 0
        state.isStuck = false
        guard state.participants.values.allSatisfy(\.isDone) else { return (state, []) }
        state.phase = taken == .confirm ? .confirmed : .cancelled
        return (state, [.finished])
    }

    private static func takeTimer(_ state: SagaState, _ deadlinePassed: Bool) -> (SagaState, [SagaEffect]) {
        var state = state
        switch state.phase {
        case .confirmed, .cancelled:
            return (state, [])
        case .trying:
            if deadlinePassed { return decide(state, .cancel, .deadlineExceeded) }
            state.resends += 1
            return (state, [.send(.try)])
        case .confirming, .cancelling:
            state.resends += 1
            var effects: [SagaEffect] = [.send(state.phase == .confirming ? .confirm : .cancel)]
            if state.resends >= resendsUntilStuck, !state.isStuck {
                state.isStuck = true
                effects.append(.flagStuck)
            }
            return (state, effects)
        }
    }

    private static func decide(
        _ state: SagaState, _ decision: SagaDecision, _ refusal: SagaRefusal?
    ) -> (SagaState, [SagaEffect]) {
        var state = state
        state.phase = decision == .confirm ? .confirming : .cancelling
        state.refusal = refusal
        state.resends = 0
        return (state, [.decided(decision), .send(decision == .confirm ? .confirm : .cancel)])
    }
}
