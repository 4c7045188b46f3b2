import FoundationEssentials
import Testing

@testable import Sagas

/// Steps are read as operators write them, and told as they stand.
@Suite struct SagaStepTests {
    private static let names: Set<String> = ["customers", "products"]

    @Test func aKindAParticipantOrBothAreRead() throws {
        let both = try #require(SagaStepFilter("confirm:customers", participants: Self.names))
        #expect(both.kind == .confirm && both.participant == "customers")
        let kind = try #require(SagaStepFilter("try", participants: Self.names))
        #expect(kind.kind == .try && kind.participant == nil)
        let name = try #require(SagaStepFilter("products", participants: Self.names))
        #expect(name.kind == nil && name.participant == "products")
    }

    @Test(arguments: [
        "", ":", "vote", "vote:customers", "try:", "try:nobody", "nobody", "customers:try", "try:customers:x",
    ])
    func nothingElseIs(_ text: String) {
        #expect(SagaStepFilter(text, participants: Self.names) == nil)
    }

    @Test func aSagaWaitsForTheRequestOfItsPhase() {
        var saga = SagaRecord(
            id: UUID(), name: "order-placement", subjectID: 7, phase: .confirming, startedAt: Date(),
            deadlineAt: Date(), waitsFor: ["customers", "products"])
        #expect(saga.steps.map(\.description) == ["confirm:customers", "confirm:products"])
        saga.phase = .confirmed
        #expect(saga.steps.isEmpty)
    }
}
