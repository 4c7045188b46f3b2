import Testing

@testable import Sagas

/// A part is marked as carried out by hand only where that contradicts nothing.
@Suite struct SagaResolutionTests {
    private func state(_ phase: SagaState.Phase, isDone: Bool = false) -> SagaState {
        SagaState(
            phase: phase,
            participants: ["customers": .init(vote: .accepted, isDone: isDone), "products": .init(vote: .accepted)])
    }

    private func objection(
        _ phase: SagaState.Phase, _ evidence: SagaResolution.Evidence, isDone: Bool = false,
        to name: String = "customers"
    ) -> SagaResolution.Objection? {
        SagaResolution.objection(to: name, in: state(phase, isDone: isDone), evidence)
    }

    @Test func aDecidedSagaWithoutEvidenceIsResolved() {
        for phase in [SagaState.Phase.confirming, .cancelling] {
            #expect(objection(phase, .unknown) == nil)
            #expect(objection(phase, .none) == nil)
        }
    }

    @Test func theProtocolIsNotBroken() {
        #expect(objection(.trying, .unknown) == .undecided)
        #expect(objection(.confirmed, .unknown, isDone: true) == .over)
        #expect(objection(.cancelled, .unknown, isDone: true) == .over)
        #expect(objection(.confirming, .unknown, isDone: true) == .reported)
        #expect(objection(.confirming, .unknown, to: "reviews") == .notAParticipant)
    }

    @Test func evidenceDecides() {
        let refused = BranchState.refused(.deadlineExceeded)
        #expect(objection(.confirming, .recorded(.confirmed)) == nil)
        #expect(objection(.cancelling, .recorded(.cancelled)) == nil)
        #expect(objection(.cancelling, .recorded(refused)) == nil)
        for branch in [nil, .tried, .cancelled, refused] as [BranchState?] {
            #expect(
                objection(.confirming, .recorded(branch)) == .contradicted(branch?.word ?? "claimed"))
        }
        for branch in [nil, .tried, .confirmed] as [BranchState?] {
            #expect(
                objection(.cancelling, .recorded(branch)) == .contradicted(branch?.word ?? "claimed"))
        }
    }
}
