import Events
import Hosting
import Sagas
import ShopContracts

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
                    findings.append(noConsumer(of: name))
                }
                if service.dead > 0 {
                    findings.append(
                        .critical(
                            "dead_letters", name, "\(service.dead) given up on", next: "shopctl queue peek \(name)"))
                }
                if service.retrying > 0 {
                    findings.append(
                        .warning(
                            "retrying", name, retrying(of: service),
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

    /// A process that is ready consumes again by itself, as after its queue was made anew: a second one is no help.
    private func noConsumer(of service: String) -> StatusFinding {
        let process = processes.first { process in
            process.readiness?.isReady == true && process.roles.contains { $0.rawValue == service }
        }
        let place = process?.address ?? roles.first { $0.role.rawValue == service && $0.state == .ready }?.address
        guard let place else {
            return .critical("no_consumer", service, "nobody consumes its inbox", next: "shopctl serve \(service)")
        }
        return .critical(
            "no_consumer", service,
            "nobody consumes its inbox, though it is ready at \(place): it does again within seconds, look once more",
            next: "shopctl status --watch")
    }

    private func retrying(of service: BrokerStatus.Service) -> String {
        guard let waiting = service.waiting else {
            let text = "\(service.retrying) failed and wait to be tried again, copies of resends among them"
            return isNoSagaOpen ? text + "; no saga is open: those that are steps are harmless and go then" : text
        }
        let reason = waiting.lastError.map { ": \($0)" } ?? ""
        let text = "\(waiting.text) failed and wait to be tried again within \(waiting.delay.rawValue)\(reason)"
        return waiting.areSteps && isNoSagaOpen ? text + "; no saga is open, so they are harmless and go then" : text
    }

    /// Whether all coordinators were asked, and none has a saga that is not over.
    private var isNoSagaOpen: Bool {
        Set(sagas.map(\.coordinator.rawValue)).isSuperset(of: SagaDefinition.all.map(\.coordinator))
            && sagas.allSatisfy { $0.standing.shares.allSatisfy { $0.open == 0 } }
    }
}
