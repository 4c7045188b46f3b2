import Testing

@testable import Sagas

/// The coordinator's logic, in every state that can be reached by any sequence of inputs.
@Suite struct SagaLogicTests {
    static let refusal = SagaRefusal(code: "no", message: "no")
    static let calledOff = SagaRefusal(code: "called_off", message: "called off")

    static let inputs: [SagaInput] =
        ["a", "b"].flatMap { name -> [SagaInput] in
            [
                .vote(participant: name, .accepted), .vote(participant: name, .refused(refusal)),
                .done(participant: name, .confirm), .done(participant: name, .cancel),
            ]
        } + [.timer(deadlinePassed: false), .timer(deadlinePassed: true), .abort(calledOff)]

    /// A transition between reachable states.
    struct Step {
        let from: SagaState
        let input: SagaInput
        let to: SagaState
        let effects: [SagaEffect]
    }

    /// Every transition from every reachable state; resends are cut off where they change nothing more.
    static let steps: [Step] = {
        var seen: Set<SagaState> = []
        var queue = [SagaState(participants: ["a", "b"])]
        var steps: [Step] = []
        while let state = queue.popLast() {
            guard seen.insert(state).inserted, state.resends <= SagaLogic.resendsUntilStuck + 1 else { continue }
            for input in inputs {
                let (next, effects) = SagaLogic.reduce(state, input)
                steps.append(Step(from: state, input: input, to: next, effects: effects))
                queue.append(next)
            }
        }
        return steps
    }()

    @Test func theExplorationIsNotEmpty() {
        #expect(Self.steps.count > 1000)
        #expect(Set(Self.steps.map(\.to.phase)) == Set(SagaState.Phase.allCases))
    }

    @Test func confirmsOnlyWhenEveryoneHasAccepted() {
        for step in Self.steps where step.effects.contains(.decided(.confirm)) {
            let allAccepted = step.to.participants.values.allSatisfy { $0.vote == .accepted }
            #expect(allAccepted)
        }
    }

    @Test func decidesOnceAndNeverTurnsBack() {
        for step in Self.steps where step.from.phase != .trying {
            let decides = step.effects.contains { if case .decided = $0 { true } else { false } }
            #expect(!decides)
            switch step.from.phase {
            case .trying: break
            case .confirming: #expect([.confirming, .confirmed].contains(step.to.phase))
            case .cancelling: #expect([.cancelling, .cancelled].contains(step.to.phase))
            case .confirmed, .cancelled: #expect(step.to.phase == step.from.phase)
            }
        }
    }

    @Test func finishesOnlyWhenEveryoneIsDone() {
        for step in Self.steps where step.to.phase.isTerminal {
            let allDone = step.to.participants.values.allSatisfy { $0.isDone }
            #expect(allDone)
            #expect(step.effects.contains(.finished) == !step.from.phase.isTerminal)
        }
    }

    @Test func repeatedInputsChangeNothing() {
        for step in Self.steps {
            if case .timer = step.input { continue }
            if step.effects.contains(where: { if case .violation = $0 { true } else { false } }) { continue }
            let (again, effects) = SagaLogic.reduce(step.to, step.input)
            #expect(again == step.to)
            // A vote that comes again is answered with the decision, as often as it comes.
            switch (step.input, step.to.phase) {
            case (.vote, .confirming): #expect(effects == [.send(.confirm)])
            case (.vote, .cancelling): #expect(effects == [.send(.cancel)])
            default:
                let isQuiet = effects.allSatisfy { if case .violation = $0 { true } else { $0 == .send(.cancel) } }
                #expect(isQuiet)
                if effects == [.send(.cancel)] { #expect(Self.isDoneAnew(step.input, in: step.to)) }
            }
        }
    }

    @Test func aVoteBehindTheDecisionIsAnsweredWithIt() {
        let behind = Self.steps.filter { [.confirming, .cancelling].contains($0.from.phase) }
        var answered = 0
        for step in behind {
            guard case .vote = step.input else { continue }
            if step.effects.contains(where: { if case .violation = $0 { true } else { false } }) { continue }
            #expect(step.effects == [.send(step.from.phase == .confirming ? .confirm : .cancel)])
            answered += 1
        }
        #expect(answered > 0)
    }

    /// Whether a participant accepts that has taken its part back already.
    private static func isDoneAnew(_ input: SagaInput, in state: SagaState) -> Bool {
        guard case .vote(let name, .accepted) = input else { return false }
        return [.cancelling, .cancelled].contains(state.phase) && state.participants[name]?.isDone == true
    }

    @Test func whoAcceptsAfterTakingItBackIsToldToTakeItBack() {
        let late = Self.steps.filter { Self.isDoneAnew($0.input, in: $0.from) }
        #expect(!late.isEmpty)
        for step in late { #expect(step.to == step.from && step.effects == [.send(.cancel)]) }
    }

    @Test func violationsChangeNothing() {
        for step in Self.steps where step.effects.contains(where: { if case .violation = $0 { true } else { false } }) {
            #expect(step.to == step.from)
        }
    }

    @Test func theDeadlineCancelsOnlyWhatIsUndecided() {
        for step in Self.steps where step.input == .timer(deadlinePassed: true) {
            #expect(step.effects.contains(.decided(.cancel)) == (step.from.phase == .trying))
        }
    }

    @Test func anAbortDecidesOnlyWhatIsUndecided() {
        for step in Self.steps where step.input == .abort(Self.calledOff) {
            guard step.from.phase == .trying else {
                #expect(step.to == step.from && step.effects.isEmpty, "it comes too late")
                continue
            }
            #expect(step.to.phase == .cancelling && step.to.refusal == Self.calledOff)
            #expect(step.effects == [.decided(.cancel), .send(.cancel)])
            #expect(step.to.participants == step.from.participants)
        }
    }

    /// The votes are a set: whoever says yes twice is one participant, and the other is still waited for.
    @Test func aRepeatedVoteCountsOnce() {
        var state = SagaState(participants: ["a", "b"])
        for _ in 0..<3 { state = SagaLogic.reduce(state, .vote(participant: "a", .accepted)).state }
        #expect(state.phase == .trying)
        #expect(SagaLogic.reduce(state, .vote(participant: "b", .accepted)).effects.contains(.decided(.confirm)))
    }

    @Test func timersKeepSendingTheDecisionAndFlagIt() {
        var state = SagaState(participants: ["a", "b"])
        for name in ["a", "b"] { state = SagaLogic.reduce(state, .vote(participant: name, .accepted)).state }
        #expect(state.phase == .confirming)
        for resend in 1...20 {
            let (next, effects) = SagaLogic.reduce(state, .timer(deadlinePassed: true))
            #expect(effects.first == .send(.confirm))
            #expect(effects.contains(.flagStuck) == (resend == SagaLogic.resendsUntilStuck))
            state = next
        }
        #expect(state.isStuck)
        state = SagaLogic.reduce(state, .done(participant: "a", .confirm)).state
        #expect(!state.isStuck)
    }

    @Test func strangersAreRefused() {
        let state = SagaState(participants: ["a"])
        let (next, effects) = SagaLogic.reduce(state, .vote(participant: "x", .accepted))
        #expect(next == state)
        #expect(effects == [.violation("x is not a participant")])
    }
}
