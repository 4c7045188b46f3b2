@testable import Sagas

/// The logic that a model of the protocol follows: the shop's own, or one with a fault that the model must find.
struct ProtocolRules {
    /// The coordinator's logic.
    var reduce: (SagaState, SagaInput) -> (state: SagaState, effects: [SagaEffect]) = SagaLogic.reduce
    /// The participant's barrier.
    var action: (SagaMessageKind, BranchState?) -> BranchAction = BranchLogic.action
    /// Whether a participant may take its part back while it waits for the decision.
    var letsGo = false
    /// Whether a message is acknowledged before what it caused is confirmed by the broker.
    var acknowledgesFirst = false
    /// Whether a `try` begins a branch even when what became of it may be forgotten.
    var takesOldTries = false
    /// Whether all entries of a batch are accepted or refused by what was free before the first.
    var looksOnce = false

    /// Rules with one change to the coordinator's logic, made before the real one is asked.
    static func coordinator(
        _ change: @escaping (inout SagaState, inout SagaInput) -> Void
    ) -> Self {
        Self(reduce: { state, input in
            var (state, input) = (state, input)
            change(&state, &input)
            return SagaLogic.reduce(state, input)
        })
    }

    /// Rules with another answer of the barrier in one case.
    static func participant(
        _ kind: SagaMessageKind, in state: BranchState?, does action: BranchAction
    ) -> Self {
        Self(action: { $0 == kind && $1 == state ? action : BranchLogic.action(for: $0, in: $1) })
    }
}
