import FoundationEssentials
import Logging
import Metrics
import RabbitMQ
import Synchronization
import Telemetry

/// Reports what an operator's view shows to be wrong with a service's queues: queues and bindings each time they are
/// missing, a policy once a change.
///
/// A loss is noted before its binding is made again, and once it was: a process that ends in between leaves it told. That
/// a binding is made again is logged when it is. One loop uses it.
final class BindingWatch: Sendable {
    private struct State {
        /// The time when the last look began that found all bindings there.
        var lastWhole: Date?
        var policies: [PolicyFinding] = []
        /// The losses of which operators are still to be told something: that they are, or that they are over.
        var losses: [(loss: BindingLoss, isNoted: Bool)] = []
        /// The bindings that the last look has missed, until they are made.
        var missing: [(queue: String, binding: QueueBinding)] = []

        /// Takes over what is missing at present.
        mutating func take(_ present: [BindingLoss]) {
            func isSame(_ one: BindingLoss, _ other: BindingLoss) -> Bool {
                one.queue == other.queue && one.type == other.type
            }
            // Whoever else has made a binding again notes that as well.
            losses.removeAll { known in
                known.isNoted && !known.loss.isBound && !present.contains { isSame($0, known.loss) }
            }
            for loss in present where !losses.contains(where: { isSame($0.loss, loss) && !$0.loss.isBound }) {
                losses.append((loss, false))
            }
        }

        /// Takes over that all bindings are made but some, and gives back those that were missing before.
        mutating func bind(except refused: [RefusedBinding]) -> [(queue: String, binding: QueueBinding)] {
            for index in losses.indices {
                let loss = losses[index].loss
                let isRefused = refused.contains { $0.queue == loss.queue && $0.binding.routingKey == loss.type }
                if !loss.isBound, !isRefused { losses[index] = (loss.bound, false) }
            }
            let made = missing.filter { one in
                !refused.contains { $0.queue == one.queue && $0.binding == one.binding }
            }
            missing.removeAll { one in made.contains { $0.queue == one.queue && $0.binding == one.binding } }
            return made
        }
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
        await noteLosses()
        report(findings.compactMap { if case .policy(let finding) = $0 { finding } else { nil } })
    }

    private func report(missing findings: [QueueFinding], _ begun: Date) {
        let missing = findings.filter { finding in
            switch finding {
            case .missingQueue, .missingBinding: true
            case .surplusBinding, .policy: false
            }
        }
        let lastWhole = state.withLock { state in
            defer { if missing.isEmpty { state.lastWhole = begun } }
            return state.lastWhole
        }
        let losses = missing.flatMap { $0.losses(lastSeen: lastWhole) }.filter { !next($0).isEmpty }
        state.withLock { state in
            state.take(losses)
            state.missing = missing.compactMap { finding in
                if case .missingBinding(let queue, let binding) = finding { (queue, binding) } else { nil }
            }
        }
        let counter = Counter(label: "shop_missing_bindings", dimensions: [("service", topology.service)])
        counter.increment(by: missing.count { $0.kind == "missing_binding" })
        let lastSeen = lastWhole.map { $0.formatted(Date.ISO8601FormatStyle()) } ?? "never by this process"
        for finding in missing {
            let lost = finding.losses(lastSeen: lastWhole)
            var metadata: Logger.Metadata = ["queue": "\(finding.queue)", "last_seen": "\(lastSeen)"]
            var message = "a queue is missing\(lost.isEmpty ? "" : ": what was sent to it has not arrived")"
            var next = lost.flatMap(next)
            if case .missingBinding(_, let binding) = finding {
                message = "a binding is missing"
                if !lost.isEmpty { message += ": what was sent under it has not arrived" }
                metadata["exchange"] = "\(binding.exchange)"
                metadata["routing_key"] = "\(binding.routingKey)"
            } else {
                next.insert("shopctl migrate up", at: 0)
            }
            metadata["next"] = "\(next.joined(separator: "; "))"
            logger.error("\(message)", metadata: metadata)
        }
    }

    private func next(_ loss: BindingLoss) -> [String] { replay(loss.type, loss.lastSeen) }

    /// Tells that bindings are there again, once all are made but some.
    func noteBound(except refused: [RefusedBinding]) async {
        for (queue, binding) in state.withLock({ $0.bind(except: refused) }) {
            logger.info(
                "a binding is made again",
                metadata: [
                    "queue": "\(queue)", "exchange": "\(binding.exchange)", "routing_key": "\(binding.routingKey)",
                ])
        }
        await noteLosses()
    }

    /// Has losses noted; what cannot be noted now is tried again with the next look.
    private func noteLosses() async {
        while let index = state.withLock({ state in state.losses.firstIndex { !$0.isNoted } }) {
            let loss = state.withLock { $0.losses[index].loss }
            do {
                try await note(loss)
                noteLog.goesOn()
            } catch {
                if !Task.isCancelled { noteLog.heldUp(error) }
                return
            }
            state.withLock { state in
                if loss.isBound { state.losses.remove(at: index) } else { state.losses[index].isNoted = true }
            }
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
