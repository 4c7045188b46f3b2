import Events
import RabbitMQ

/// The findings about the queues of the shop, with the way out.
struct QueueCheckReport: Report {
    let overview: QueueOverview
    let findings: [QueueFinding]
    /// The events that went past a queue before its service bound it again, and were not sent again.
    var lost: [LostEvents] = []
    /// The services that could not be asked for such events, with the reason.
    var unasked: [String] = []
    /// Whether bindings and policies could be looked at.
    private let areBindingsSeen: Bool
    /// Whether it is told otherwise why they could not be.
    var isFailureTold = false
    private let virtualHost: String

    /// - Parameter snapshot: Nil if there is no management interface.
    init(overview: QueueOverview, snapshot: BrokerSnapshot?, virtualHost: String) {
        self.overview = overview
        self.virtualHost = virtualHost
        areBindingsSeen = snapshot != nil
        let there = Set(overview.queues.filter { $0.status != nil }.map(\.name))
        findings = Topology.shop.services.flatMap { service in
            snapshot?.findings(about: service) ?? service.missingQueues(there.contains)
        }
    }

    /// Whether bindings and policies could be looked at, and all databases that are set be asked.
    var isComplete: Bool { areBindingsSeen && unasked.isEmpty }

    /// Whether nothing was found.
    var isWell: Bool { findings.isEmpty && lost.isEmpty }

    /// The commands that mend it.
    func next(_ finding: QueueFinding) -> [String] {
        let host = ShellText.word(virtualHost)
        switch finding {
        case .missingQueue, .missingBinding:
            return ["shopctl migrate up"]
                + LostEvents.of(finding).flatMap { MessageSenders.replay($0.type, since: nil) }
        case .surplusBinding(let queue, let binding):
            return [
                "rabbitmqadmin -V \(host) delete binding source=\(ShellText.word(binding.exchange)) "
                    + "destination_type=queue destination=\(queue) properties_key=\(ShellText.word(binding.routingKey))"
            ]
        case .policy(let policy):
            let names = [("policy", policy.policy), ("operator_policy", policy.operatorPolicy)]
            return names.compactMap { kind, name in
                name.map { "rabbitmqctl clear_\(kind) -p \(host) \(ShellText.word($0))" }
            }
        }
    }

    var body: ReportBody {
        .one([
            "complete": .bool(isComplete),
            "queues": .records(overview.records),
            "findings": .records(
                findings.map { finding in
                    [
                        "queue": .text(finding.queue), "kind": .text(finding.kind), "text": .text("\(finding)"),
                        "next": .texts(next(finding)),
                    ]
                }
                    + lost.map { lost in
                        [
                            "queue": .text(lost.queue), "kind": .text("events_lost"), "text": .text(lost.text),
                            "next": .texts(lost.next),
                        ]
                    }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        var text = overview.rows(style.ofPart)
        for finding in findings {
            text += "\(style.apply(.red, Printable.line(finding.queue))): \(Printable.line("\(finding)"))\n"
        }
        for lost in lost {
            text += "\(style.apply(.red, Printable.line(lost.queue))): \(Printable.line(lost.text))\n"
        }
        var told: Set<String> = []
        for command in findings.flatMap(next) + lost.flatMap(\.next) where told.insert(command).inserted {
            text += "next: \(Printable.line(command))\n"
        }
        if isWell { text += isComplete ? "all is well\n" : "what could be checked is well\n" }
        if !areBindingsSeen, !isFailureTold { text += "not looked at: bindings, policies; \(QueueOverview.option)\n" }
        return text
    }
}
