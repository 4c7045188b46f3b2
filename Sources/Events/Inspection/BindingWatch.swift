import FoundationEssentials
import Logging
import Metrics
import RabbitMQ
import Synchronization
import Telemetry

/// Reports what an operator's view shows to be wrong with a service's queues: bindings each time they are missing, a
/// policy once a change.
final class BindingWatch: Sendable {
    private struct State {
        /// The time when the last look began that found all bindings there.
        var lastWhole: Date?
        var policies: [PolicyFinding] = []
        /// The losses that are not kept for operators yet.
        var unnoted: [BindingLoss] = []
    }

    private let topology: ServiceTopology
    private let view: any BrokerView
    /// The command that has the messages of a routing key sent again, from a time on; nil for what was ever kept.
    private let replay: @Sendable (_ routingKey: String, _ since: Date?) -> [String]
    private let note: @Sendable (BindingLoss) async throws -> Void
    private let logger: Logger
    private let log: LoopLog
    private let noteLog: LoopLog
    private let state = Mutex(State())

    init(
        topology: ServiceTopology, view: any BrokerView,
        replay: @escaping @Sendable (_ routingKey: String, _ since: Date?) -> [String],
        note: @escaping @Sendable (BindingLoss) async throws -> Void, logger: Logger
    ) {
        self.topology = topology
        self.view = view
        self.replay = replay
        self.note = note
        self.logger = logger
        log = LoopLog("the check of the bindings of \(topology.service)", logger: logger)
        noteLog = LoopLog("the record of what \(topology.service) has lost", logger: logger)
    }

    /// Looks, before the bindings are made again. A view that cannot be had is logged, and costs nothing else.
    func look() async {
        let begun = Date()
        let findings: [QueueFinding]
        do {
            findings = try await view.snapshot().findings(about: topology)
            log.goesOn()
        } catch {
            if !Task.isCancelled { log.heldUp(error) }
            return
        }
        report(missing: findings, begun)
        report(findings.compactMap { if case .policy(let finding) = $0 { finding } else { nil } })
    }

    private func report(missing findings: [QueueFinding], _ begun: Date) {
        let missing = findings.compactMap { finding -> (queue: String, binding: QueueBinding)? in
            if case .missingBinding(let queue, let binding) = finding { (queue, binding) } else { nil }
        }
        let lastWhole = state.withLock { state in
            defer { if missing.isEmpty { state.lastWhole = begun } }
            return state.lastWhole
        }
        let counter = Counter(label: "shop_missing_bindings", dimensions: [("service", topology.service)])
        counter.increment(by: missing.count)
        for (queue, binding) in missing {
            // What cannot be routed to a retry queue or to the dead letters stays where it is.
            let isLost = binding.exchange == Topology.eventsExchange
            let next = isLost ? replay(binding.routingKey, lastWhole) : []
            if !next.isEmpty {
                let loss = BindingLoss(queue: queue, type: binding.routingKey, lastSeen: lastWhole)
                state.withLock { $0.unnoted.append(loss) }
            }
            logger.error(
                "a binding was missing, and is made again\(isLost ? ": what was sent under it has not arrived" : "")",
                metadata: [
                    "queue": "\(queue)", "exchange": "\(binding.exchange)", "routing_key": "\(binding.routingKey)",
                    "last_seen":
                        "\(lastWhole.map { $0.formatted(Date.ISO8601FormatStyle()) } ?? "never by this process")",
                    "next": "\(next.joined(separator: "; "))",
                ])
        }
    }

    /// Has the losses kept, once the bindings are there; what cannot be kept now is tried again with the next look.
    func noteLosses() async {
        while let loss = state.withLock({ $0.unnoted.first }) {
            do {
                try await note(loss)
                noteLog.goesOn()
            } catch {
                if !Task.isCancelled { noteLog.heldUp(error) }
                return
            }
            state.withLock { _ = $0.unnoted.removeFirst() }
        }
    }

    private func report(_ policies: [PolicyFinding]) {
        let gauge = Gauge(label: "shop_harmful_policies", dimensions: [("service", topology.service)])
        gauge.record(policies.count)
        let before = state.withLock { state in
            defer { state.policies = policies }
            return state.policies
        }
        for finding in policies where !before.contains(finding) {
            logger.error(
                "a policy changes what becomes of messages",
                metadata: ["queue": "\(finding.queue)", "error": "\(finding)", "next": "shopctl queue check"])
        }
        for finding in before where !policies.contains(finding) {
            logger.info(
                "a policy no longer changes what becomes of messages",
                metadata: ["queue": "\(finding.queue)", "setting": "\(finding.setting)"])
        }
    }
}
