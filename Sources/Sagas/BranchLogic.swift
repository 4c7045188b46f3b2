/// The state of a participant's part in a saga.
public enum BranchState: Sendable, Equatable, Hashable {
    /// Done, reversibly; the vote was yes.
    case tried
    /// Not done; the vote was no.
    case refused(SagaRefusal)
    /// Final.
    case confirmed
    /// Taken back, or never done: a tombstone that keeps a late `try` out.
    case cancelled
}

/// The answer of a participant to a message.
public enum BranchAction: Sendable, Equatable {
    /// Do the work, record the vote and send it.
    case perform
    /// Send the vote of the recorded state again; no effect.
    case repeatVote(SagaVote)
    /// Make the work final, record that and say so.
    case confirm
    /// Take the work back, record that and say so.
    case compensate
    /// Nothing was done: record the tombstone and say so.
    case entomb
    /// Say again that the decision was carried out; no effect.
    case repeatDone(SagaDecision)
    /// The message contradicts what is recorded.
    case violation(String)
}

/// The participant's barrier as a pure function: a message repeated, late or out of order has no second effect.
public enum BranchLogic {
    /// The thing to do about a `try`, `confirm` or `cancel`.
    ///
    /// - Parameter state: The recorded state; nil if there is no branch row.
    public static func action(for kind: SagaMessageKind, in state: BranchState?) -> BranchAction {
        switch (kind, state) {
        case (.try, nil): .perform
        case (.try, .tried), (.try, .confirmed): .repeatVote(.accepted)
        case (.try, .refused(let refusal)): .repeatVote(.refused(refusal))
        case (.try, .cancelled): .repeatVote(.refused(.cancelledBeforeTry))

        case (.confirm, .tried): .confirm
        case (.confirm, .confirmed): .repeatDone(.confirm)
        case (.confirm, nil): .violation("confirm for a branch that was never tried")
        case (.confirm, .refused): .violation("confirm for a branch that was refused")
        case (.confirm, .cancelled): .violation("confirm for a branch that was cancelled")

        case (.cancel, nil), (.cancel, .refused): .entomb
        case (.cancel, .tried): .compensate
        case (.cancel, .cancelled): .repeatDone(.cancel)
        case (.cancel, .confirmed): .violation("cancel for a branch that was confirmed")

        case (.vote, _), (.done, _): .violation("a participant takes no \(kind.rawValue)")
        }
    }
}
