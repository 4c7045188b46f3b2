import ArgumentParser
import FoundationEssentials
import Sagas
import ShopContracts

/// Languages in which a saga's picture is written.
enum GraphLanguage: String, CaseIterable, ExpressibleByArgument, Sendable {
    case mermaid
    case dot
}

/// A saga as a picture: from its start by way of each participant's vote to the decision, and from there by way of
/// each one's deed to its end.
struct SagaGraph: Sendable, Equatable {
    /// The progress of a part.
    enum Standing: String, CaseIterable, Sendable {
        case done
        case refused
        case awaited
        /// Its turn has not come.
        case later
    }

    struct Node: Sendable, Equatable {
        var id: String
        var lines: [String]
        var standing: Standing
    }

    struct Edge: Sendable, Equatable {
        var from: String
        var to: String
    }

    var title: String
    var nodes: [Node]
    var edges: [Edge]

    init(_ facts: SagaFacts) {
        let saga = facts.saga
        title = "\(saga.name) of \(saga.subjectText)"
        let isConfirmed = saga.phase == .confirming || saga.phase == .confirmed
        let votes = facts.participants.map { Self.vote($0, facts) }
        let deeds = facts.participants.map { Self.deed($0, facts, isConfirmed: isConfirmed) }
        let start = Node(id: "start", lines: [title, Timestamp.text(saga.startedAt)], standing: .done)
        let decision: Node
        if let at = saga.decidedAt {
            let why = saga.refusal.map { ["cancel", $0.code] } ?? [isConfirmed ? "confirm" : "cancel"]
            decision = Node(
                id: "decision", lines: why + [Timestamp.offset(at, since: saga.startedAt)],
                standing: isConfirmed ? .done : .refused)
        } else {
            decision = Node(id: "decision", lines: ["undecided"], standing: .awaited)
        }
        let end =
            saga.finishedAt.map { at in
                Node(
                    id: "end", lines: [saga.phase.rawValue, Timestamp.offset(at, since: saga.startedAt)],
                    standing: isConfirmed ? .done : .refused)
            } ?? Node(id: "end", lines: ["over"], standing: .later)
        nodes = [start] + votes + [decision] + deeds + [end]
        edges =
            votes.flatMap { [Edge(from: "start", to: $0.id), Edge(from: $0.id, to: "decision")] }
            + deeds.flatMap { [Edge(from: "decision", to: $0.id), Edge(from: $0.id, to: "end")] }
    }

    private static func vote(_ participant: SagaFacts.Participant, _ facts: SagaFacts) -> Node {
        var node = Node(
            id: "try_\(participant.name)", lines: ["try: \(participant.name)"],
            standing: facts.saga.phase == .trying ? .awaited : .later)
        switch participant.vote {
        case nil: node.lines.append(node.standing == .awaited ? "no vote yet" : "did not vote")
        case .accepted:
            node.lines.append("accepted")
            node.standing = .done
        case .refused(let refusal):
            node.lines.append(refusal.code)
            node.standing = .refused
        }
        node.lines += failures(of: participant, [.try, .vote], facts)
        if let at = participant.votedAt { node.lines.append(Timestamp.offset(at, since: facts.saga.startedAt)) }
        return node
    }

    /// How messages to a participant, and its answers, have failed.
    private static func failures(
        of participant: SagaFacts.Participant, _ kinds: [SagaMessageKind], _ facts: SagaFacts
    ) -> [String] {
        facts.failedMessages
            .filter { kinds.contains($0.kind) && ($0.sender ?? $0.service) == participant.name }
            .map { message in
                let error = message.error.map { ": " + ($0.count <= 60 ? $0 : $0.prefix(59) + "…") } ?? ""
                return "\(message.text) failed \(message.count)×\(error)"
            }
    }

    private static func deed(
        _ participant: SagaFacts.Participant, _ facts: SagaFacts, isConfirmed: Bool
    ) -> Node {
        let word = facts.saga.decidedAt == nil ? "confirm or cancel" : isConfirmed ? "confirm" : "cancel"
        var node = Node(
            id: "end_\(participant.name)", lines: ["\(word): \(participant.name)"],
            standing: facts.saga.decidedAt == nil ? .later : .awaited)
        node.lines += failures(of: participant, [.confirm, .cancel, .done], facts)
        if let at = participant.doneAt {
            if facts.isResolvedByHand(participant) { node.lines.append("an operator said so") }
            let deed = facts.carriedOutAt(by: participant.name) ?? at
            node.lines.append(Timestamp.offset(deed, since: facts.saga.startedAt))
            node.standing = .done
        } else if node.standing == .awaited {
            node.lines.append("not carried out yet")
        }
        return node
    }
}

/// Pictures of sagas as text for a program that draws.
struct SagaDrawing: Report {
    let graphs: [SagaGraph]
    let language: GraphLanguage

    /// Drawings are for people; programs have the saga itself.
    var body: ReportBody { .one(["graph": .text(text)]) }

    func table(_ style: TextStyle) -> String { text }

    private var text: String {
        switch language {
        case .mermaid: mermaid
        case .dot: dot
        }
    }

    private static func colour(_ standing: SagaGraph.Standing) -> String {
        switch standing {
        case .done: "#cfe8cf"
        case .refused: "#f3cccc"
        case .awaited: "#ffe9a8"
        case .later: "#eeeeee"
        }
    }

    // MARK: - Mermaid

    private var mermaid: String {
        var lines = ["flowchart LR"]
        for (index, graph) in graphs.enumerated() {
            lines.append("    subgraph s\(index)[\"\(Self.mermaid(graph.title))\"]")
            for node in graph.nodes {
                let text = node.lines.map(Self.mermaid).joined(separator: "<br/>")
                lines.append("        s\(index)_\(node.id)[\"\(text)\"]:::\(node.standing.rawValue)")
            }
            lines += graph.edges.map { "        s\(index)_\($0.from) --> s\(index)_\($0.to)" }
            lines.append("    end")
        }
        lines += SagaGraph.Standing.allCases.map {
            "    classDef \($0.rawValue) fill:\(Self.colour($0)),stroke:#666666,color:#111111"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func mermaid(_ text: String) -> String {
        var result = ""
        for character in Printable.line(text) {
            switch character {
            case "#": result += "#35;"
            case "\"": result += "#quot;"
            case "<": result += "#lt;"
            case ">": result += "#gt;"
            default: result.append(character)
            }
        }
        return result
    }

    // MARK: - DOT

    private var dot: String {
        var lines = ["digraph sagas {", "    rankdir=LR", "    node [shape=box style=filled fontname=\"sans-serif\"]"]
        for (index, graph) in graphs.enumerated() {
            lines.append("    subgraph cluster_\(index) {")
            lines.append("        label=\"\(Self.dot(graph.title))\"")
            for node in graph.nodes {
                let text = node.lines.map(Self.dot).joined(separator: "\\n")
                lines.append(
                    "        s\(index)_\(node.id) [label=\"\(text)\" fillcolor=\"\(Self.colour(node.standing))\"]")
            }
            lines += graph.edges.map { "        s\(index)_\($0.from) -> s\(index)_\($0.to)" }
            lines.append("    }")
        }
        return lines.joined(separator: "\n") + "\n}\n"
    }

    private static func dot(_ text: String) -> String {
        Printable.line(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}
