import FoundationEssentials
import Testing

@testable import ShopctlCommands

@Suite("Sagas are counted by what was asked for, over all databases")
struct SagaCountsTests {
    private static let then = Date(timeIntervalSince1970: 1_800_000_000)

    private func group(_ state: String, _ reason: String?, _ step: String?, _ count: Int64, age: Double) -> SagaGroup {
        SagaGroup(
            key: .init(state: state, reason: reason, step: step), count: count, stuck: 1, oldestAt: Self.then - age)
    }

    @Test("Groups that differ only in what was not asked for are one, and the largest comes first")
    func sums() throws {
        let parts = [
            group("cancelled", "out_of_stock", nil, 3, age: 5), group("trying", nil, "try:customers", 2, age: 1),
            group("trying", "flooded", "try:customers", 4, age: 9), group("trying", nil, "try:products", 1, age: 2),
        ]
        let byState = SagaCounts(parts, by: try #require(SagaGrouping(argument: "state")))
        #expect(byState.groups.map(\.key.state) == ["trying", "cancelled"])
        #expect(byState.groups.map(\.count) == [7, 3] && byState.groups.map(\.stuck) == [3, 1])
        #expect(byState.groups[0].oldestAt == Self.then - 9 && byState.groups[0].key.step == nil)
        let both = SagaCounts(parts, by: try #require(SagaGrouping(argument: "step,state")))
        #expect(both.groups.map(\.count) == [6, 3, 1])
        #expect(both.table(.plain).hasPrefix("STEP"))
    }

    @Test("Nothing else can be asked for, and nothing twice", arguments: ["", "colour", "state,", "step,step"])
    func refusals(_ text: String) {
        #expect(SagaGrouping(argument: text) == nil)
    }
}
