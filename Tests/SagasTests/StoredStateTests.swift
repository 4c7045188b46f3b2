import Events
import Testing

@testable import Sagas

@Suite("What rows say: nothing is made of a word that this version does not know")
struct StoredStateTests {
    private let refusal = SagaRefusal(code: "out_of_stock", message: "there is none left")

    @Test("A vote comes back as it was written")
    func votes() throws {
        #expect(try SagaVote(stored: nil, nil) == nil)
        for vote in [SagaVote.accepted, .refused(refusal)] {
            #expect(try SagaVote(stored: vote.word, try SagaRefusal(stored: vote.refusal?.stored)) == vote)
        }
    }

    @Test("An unknown vote is no yes")
    func unknownVote() {
        #expect(throws: UnknownStoredValue("deferred", of: "vote in a saga")) {
            try SagaVote(stored: "deferred", nil)
        }
    }

    @Test("A branch comes back as it was written")
    func branches() throws {
        #expect(try BranchState(stored: BranchState.undecided, nil) == nil)
        for state in [BranchState.tried, .refused(refusal), .confirmed, .cancelled] {
            #expect(try BranchState(stored: state.word, try SagaRefusal(stored: state.refusal?.stored)) == state)
        }
    }

    @Test("An unknown state of a branch is not taken for none")
    func unknownBranch() {
        #expect(throws: UnknownStoredValue("frozen", of: "state of a saga's branch")) {
            try BranchState(stored: "frozen", nil)
        }
    }

    @Test("A branch that was refused has a reason")
    func refusedForNoReason() {
        #expect(throws: UnknownStoredValue.self) { try BranchState(stored: "refused", nil) }
    }

    @Test("An unknown phase is not taken for the first")
    func unknownPhase() throws {
        for phase in SagaState.Phase.allCases {
            #expect(try SagaState.Phase(stored: phase.rawValue, of: "phase of a saga") == phase)
        }
        let error = #expect(throws: UnknownStoredValue.self) {
            try SagaState.Phase(stored: "voting", of: "phase of a saga")
        }
        #expect(error?.description.contains("the phase of a saga is 'voting'") == true)
    }
}
