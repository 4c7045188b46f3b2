import Testing

@testable import Sagas

/// The participant's barrier: every message in every state.
@Suite struct BranchLogicTests {
    static let refusal = SagaRefusal(code: "no", message: "no")
    static let states: [BranchState?] = [nil, .tried, .refused(refusal), .confirmed, .cancelled]

    @Test func performsOnlyWhatWasNeverTried() {
        for state in Self.states {
            #expect((BranchLogic.action(for: .try, in: state) == .perform) == (state == nil))
        }
    }

    @Test func repeatedTryRepeatsTheVote() {
        #expect(BranchLogic.action(for: .try, in: .tried) == .repeatVote(.accepted))
        #expect(BranchLogic.action(for: .try, in: .confirmed) == .repeatVote(.accepted))
        #expect(BranchLogic.action(for: .try, in: .refused(Self.refusal)) == .repeatVote(.refused(Self.refusal)))
    }

    @Test func lateTryIsRefusedByTheTombstone() {
        #expect(BranchLogic.action(for: .cancel, in: nil) == .entomb)
        #expect(BranchLogic.action(for: .try, in: .cancelled) == .repeatVote(.refused(.cancelledBeforeTry)))
    }

    @Test func confirmNeverCreates() {
        for state in Self.states where state != .tried && state != .confirmed {
            guard case .violation = BranchLogic.action(for: .confirm, in: state) else {
                Issue.record("confirm in \(String(describing: state)) must be a violation")
                continue
            }
        }
        #expect(BranchLogic.action(for: .confirm, in: .tried) == .confirm)
        #expect(BranchLogic.action(for: .confirm, in: .confirmed) == .repeatDone(.confirm))
    }

    @Test func cancelUndoesOnlyWhatWasDone() {
        #expect(BranchLogic.action(for: .cancel, in: .tried) == .compensate)
        #expect(BranchLogic.action(for: .cancel, in: .refused(Self.refusal)) == .entomb)
        #expect(BranchLogic.action(for: .cancel, in: .cancelled) == .repeatDone(.cancel))
        guard case .violation = BranchLogic.action(for: .cancel, in: .confirmed) else {
            Issue.record("cancel of a confirmed branch must be a violation")
            return
        }
    }
}
