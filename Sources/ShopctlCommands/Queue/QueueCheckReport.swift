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
    var isWell: Bool { findings.isEmpty && lost.isEmpty && given.isEmpty }

    /// The queues with messages that were given up on.
    private var given: [(service: String, queue: String, text: String)] {
        overview.queues.compactMap { queue in
            guard queue.purpose == .dead, let count = queue.status?.messages, count > 0 else { return nil }
            let what = count == 1 ? "1 message was" : "\(count) messages were"
            return (queue.service, queue.name, "\(what) given up on")
        }
    }

    private var givenRecords: [OutputRecord] {
        given.map { dead in
            [
                "queue": .text(dead.queue), "kind": .text("dead_letters"), "text": .text(dead.text),
                "next": .texts([Self.look(dead.service)]),
            ]
        }
    }

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
        // Its text names it: no command of this program changes the broker's policies.
        case .policy: return []
        }
    }

    /// The command that tells why a service's messages were given up on.
    private static func look(_ service: String) -> String { "shopctl queue peek \(service)" }

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
                    }
                    + givenRecords),
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
        for dead in given {
            text += "\(style.apply(.red, Printable.line(dead.queue))): \(dead.text)\n"
        }
        var told: Set<String> = []
        let commands = findings.flatMap(next) + lost.flatMap(\.next) + given.map { Self.look($0.service) }
        for command in commands where told.insert(command).inserted {
            text += "next: \(Printable.line(command))\n"
        }
        if isWell { text += isComplete ? "all is well\n" : "what could be checked is well\n" }
        if !areBindingsSeen, !isFailureTold { text += "not looked at: bindings, policies; \(QueueOverview.option)\n" }
        return text
    }
}
