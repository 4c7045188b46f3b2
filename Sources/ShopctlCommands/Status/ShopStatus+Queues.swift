/// The findings about the broker's queues.
extension ShopStatus {
    /// The events that went past a queue before its service bound it again, and were not sent again.
    var lossFindings: [StatusFinding] {
        LostEvents.unsettled(databases.compactMap { $0.answer.value?.trail }).map { lost in
            .critical("events_lost", lost.service, lost.text, next: lost.next.joined(separator: " && "))
        }
    }

    var queueFindings: [StatusFinding] {
        guard let broker = broker.value else { return [] }
        var unchecked: [StatusFinding] = []
        if let reason = broker.unchecked, reason != QueueOverview.unchecked {
            unchecked.append(
                .warning(
                    "bindings_unchecked", "broker", "bindings were not checked: \(reason)", next: "shopctl queue check")
            )
        }
        return unchecked
            + broker.services.flatMap { service -> [StatusFinding] in
                let name = service.service
                var findings: [StatusFinding] = []
                if !service.missing.isEmpty {
                    findings.append(
                        .critical(
                            "queue_missing", name, "missing: \(service.missing.joined(separator: ", "))",
                            next: "shopctl migrate up"))
                }
                for finding in service.findings {
                    findings.append(.critical("queue_wrong", name, finding, next: "shopctl queue check"))
                }
                if service.ready != nil, service.consumers == 0 {
                    findings.append(
                        .critical("no_consumer", name, "nobody consumes its inbox", next: "shopctl serve \(name)"))
                }
                if service.dead > 0 {
                    findings.append(
                        .critical(
                            "dead_letters", name, "\(service.dead) given up on", next: "shopctl queue peek \(name)"))
                }
                if service.retrying > 0 {
                    findings.append(
                        .warning(
                            "retrying", name, "\(service.retrying) failed and wait to be tried again",
                            next: "shopctl queue peek \(name) --retry"))
                }
                if !service.retired.isEmpty {
                    findings.append(
                        .warning(
                            "queue_retired", name, "of an earlier version: \(service.retired.joined(separator: ", "))",
                            next: "shopctl migrate up"))
                }
                return findings
            }
    }
}
