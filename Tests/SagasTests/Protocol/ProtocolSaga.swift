@testable import Sagas

/// One saga as its coordinator and its two participants have committed it, with what has come of its work.
struct ProtocolSaga: Hashable {
    /// A participant's part.
    struct Branch: Hashable {
        var state: BranchState?
        /// How often the work was done, taken back and made final.
        var tried = 0
        var undone = 0
        var final = 0
        /// Whether it has told that its part is taken back.
        var toldUndone = false
    }

    static let names = ["a", "b"]

    /// The coordinator's row; nil once it is forgotten.
    var coordinator: SagaState? = SagaState(participants: names)
    var branches = [Branch(), Branch()]
    var decisions = 0
    /// Whether a row was deleted because the saga was over and old.
    var isForgotten = false

    /// Whether nothing more is to be done.
    var isOver: Bool { coordinator?.phase.isTerminal ?? true }

    /// The rule of the protocol that does not hold any more; nil if all do.
    var brokenRule: String? {
        if decisions > 1 { return "decided twice" }
        for branch in branches {
            if branch.tried - branch.undone > 1 { return "a part was done twice" }
            if branch.undone > branch.tried { return "a part was taken back that was not done" }
            if branch.final > 1 { return "a part was made final twice" }
            if branch.final == 1, branch.tried != branch.undone + 1 { return "a part is final that is not done" }
            if branch.toldUndone, branch.final == 0, branch.tried != branch.undone {
                return "a part is done that was told to be taken back"
            }
        }
        let isFinal = branches.contains { $0.final == 1 }
        // A tombstone in the place of a forgotten branch takes nothing back.
        let isTakenBack = branches.contains { $0.state == .cancelled && $0.final == 0 }
        if isFinal, isTakenBack { return "one part is final, one taken back" }
        guard let coordinator else { return nil }
        switch coordinator.phase {
        case .trying: break
        case .confirming, .confirmed:
            if branches.contains(where: { $0.tried == 0 }) { return "confirmed without everybody's part" }
        case .cancelling, .cancelled:
            if isFinal { return "cancelled, and a part is final" }
        }
        guard coordinator.phase.isTerminal, !isForgotten else { return nil }
        let isConfirmed = coordinator.phase == .confirmed
        for branch in branches
        where branch.final != (isConfirmed ? 1 : 0) || branch.tried - branch.undone != branch.final {
            return "over, and a part is not as decided"
        }
        return nil
    }
}
