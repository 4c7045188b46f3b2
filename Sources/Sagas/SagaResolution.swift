public import Events
public import FoundationEssentials

/// Whether an operator may mark a participant's part in a saga as carried out, whose report is missing for good.
///
/// That is for a saga that is decided and can never end by itself. Nothing is done for the participant by it.
public enum SagaResolution {
    /// The participant's own record of its part.
    public enum Evidence: Sendable, Equatable {
        /// Its database does not answer.
        case unknown
        /// It has none.
        case none
        /// Nil for a part that is not decided yet.
        case recorded(BranchState?)
    }

    /// A reason why it may not.
    public enum Objection: Error, Sendable, Equatable {
        case notAParticipant
        case over
        case undecided
        /// The participant has reported, by itself.
        case reported
        /// The participant's own record says that the decision is not carried out, in this word.
        case contradicted(String)
    }

    /// The first thing that stands against it; nil for none.
    public static func objection(
        to participant: String, in state: SagaState, _ evidence: Evidence
    ) -> Objection? {
        guard let part = state.participants[participant] else { return .notAParticipant }
        guard !state.phase.isTerminal else { return .over }
        guard let decision = state.phase.decision else { return .undecided }
        guard !part.isDone else { return .reported }
        guard case .recorded(let branch) = evidence else { return nil }
        switch (decision, branch) {
        case (.confirm, .confirmed), (.cancel, .cancelled): return nil
        // There is nothing to take back.
        case (.cancel, .refused): return nil
        case (_, let branch): return .contradicted(branch?.word ?? BranchState.undecided)
        }
    }

    /// The deed in words, as a saga's timeline has it.
    public static func text(_ participant: String) -> String {
        "an operator marked the part of \(participant) as carried out"
    }
}

extension SagaState.Phase {
    /// The decision that was taken; nil while there is none.
    public var decision: SagaDecision? {
        switch self {
        case .trying: nil
        case .confirming, .confirmed: .confirm
        case .cancelling, .cancelled: .cancel
        }
    }
}

extension SagaCoordinator {
    /// Takes a participant's part for carried out, unless something stands against it; under the lock of the saga's
    /// row, in the caller's transaction.
    ///
    /// - Returns: What stands against it; nil if it is done.
    public func resolve(
        _ id: UUID, participant: String, _ evidence: SagaResolution.Evidence, in work: UnitOfWork
    ) async throws -> SagaResolution.Objection? {
        let rows = try await store.load([id], in: work)
        // One that is not there any more was over.
        guard let state = rows[id]?.state else { return .over }
        if let objection = SagaResolution.objection(to: participant, in: state, evidence) { return objection }
        guard let decision = state.phase.decision else { return .undecided }
        try await apply(
            [Step(sagaID: id, input: .done(participant: participant, decision), envelope: nil)], to: rows, in: work)
        return nil
    }
}
