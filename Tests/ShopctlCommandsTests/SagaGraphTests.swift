import FoundationEssentials
import Sagas
import Testing

@testable import ShopctlCommands

@Suite("A saga's picture")
struct SagaGraphTests {
    private static let begun = Date(timeIntervalSince1970: 1_800_000_000)

    private func facts(_ phase: SagaState.Phase, refusal: SagaRefusal? = nil) -> SagaFacts {
        SagaFacts(
            coordinator: "orders",
            saga: SagaRecord(
                id: UUID(), name: "order-placement", subjectID: 7, phase: phase, refusal: refusal,
                startedAt: Self.begun, deadlineAt: Self.begun + 900,
                decidedAt: phase == .trying ? nil : Self.begun + 1,
                finishedAt: phase.isTerminal ? Self.begun + 2 : nil),
            observedAt: Self.begun + 60,
            participants: [
                .init(
                    name: "customers", vote: refusal.map(SagaVote.refused) ?? .accepted, votedAt: Self.begun + 0.5,
                    doneAt: phase.isTerminal ? Self.begun + 2 : nil),
                .init(name: "products"),
            ])
    }

    private func standings(_ facts: SagaFacts) -> [String] {
        SagaGraph(facts).nodes.map { "\($0.id) \($0.standing.rawValue)" }
    }

    @Test("What is done, awaited and still to come is told apart")
    func standings() {
        #expect(
            standings(facts(.trying)) == [
                "start done", "try_customers done", "try_products awaited", "decision awaited", "end_customers later",
                "end_products later", "end later",
            ])
        let refused = SagaRefusal(code: "out_of_money", message: "no")
        #expect(
            standings(facts(.cancelling, refusal: refused)) == [
                "start done", "try_customers refused", "try_products later", "decision refused",
                "end_customers awaited", "end_products awaited", "end later",
            ])
    }

    @Test("A part is drawn with the time of its deed, not of its report")
    func deeds() {
        var facts = facts(.confirmed)
        facts.branches = [
            .init(
                participant: "customers", state: .confirmed, createdAt: Self.begun + 0.25,
                updatedAt: Self.begun + 1.25)
        ]
        let node = SagaGraph(facts).nodes.first { $0.id == "end_customers" }
        #expect(node?.lines == ["confirm: customers", "+1.250s"])
    }

    @Test("Both languages have every node and edge, and no text can end a label")
    func languages() {
        let odd = SagaRefusal(code: "a\"b\\c<d>#e", message: "")
        let graph = SagaGraph(facts(.cancelling, refusal: odd))
        let mermaid = SagaDrawing(graphs: [graph, graph], language: .mermaid).table(.plain)
        #expect(mermaid.hasPrefix("flowchart LR\n    subgraph s0[\"order-placement of order 7\"]\n"))
        #expect(
            mermaid.contains("s0_try_customers[\"try: customers<br/>a#quot;b\\c#lt;d#gt;#35;e<br/>+0.500s\"]:::refused")
        )
        #expect(mermaid.contains("s1_start --> s1_try_products") && mermaid.contains("classDef awaited fill:"))
        let dot = SagaDrawing(graphs: [graph], language: .dot).table(.plain)
        #expect(dot.hasPrefix("digraph sagas {\n") && dot.hasSuffix("    }\n}\n"))
        #expect(dot.contains("s0_try_customers [label=\"try: customers\\na\\\"b\\\\c<d>#e\\n+0.500s\""))
        #expect(dot.split(separator: "\n").count { $0.contains(" -> ") } == graph.edges.count)
    }
}
