import FoundationEssentials
import Hosting
import Sagas
import ShopContracts

/// The findings about sagas and outboxes.
extension ShopStatus {
    /// The sagas of orders that are being placed; nil if nobody could be asked.
    var orders: SagaStanding.Share? {
        guard let orders = sagas.first(where: { $0.coordinator.rawValue == OrderPlacement.definition.coordinator })
        else { return nil }
        let name = OrderPlacement.definition.name
        return orders.standing.shares.first { $0.name == name } ?? SagaStanding.Share(name: name)
    }

    var sagaFindings: [StatusFinding] {
        var errors = broker.value?.errors ?? SagaErrors()
        errors.troubles = ServiceTroubles(processes)
        var findings = sagas.flatMap { coordinator, standing -> [StatusFinding] in
            let stuck = standing.shares.reduce(0) { $0 + $1.stuck }
            guard stuck > 0 else { return [] }
            let longest = standing.longestStuck
            let since = longest?.stuckSince.map { date in
                ", the longest for \(Timestamp.rounded(max(0, at.timeIntervalSince(date))))"
            }
            let why = longest.flatMap { errors.hold(of: $0) }.map { ": \($0)" }
            let next = longest.map { "shopctl saga inspect \($0.id.uuidString.lowercased())" }
            return [
                .critical(
                    "sagas_stuck", coordinator.rawValue,
                    (stuck == 1 ? "1 saga is stuck" : "\(stuck) sagas are stuck") + (since ?? "") + (why ?? ""),
                    next: next ?? "shopctl saga list --state stuck")
            ]
        }
        if let orders, orders.undecided >= limits.backlog {
            findings.append(
                .critical(
                    "orders_refused", orders.name,
                    "\(orders.undecided) orders are undecided: at \(limits.backlog) new ones are refused",
                    next: "shopctl saga list --saga \(orders.name) --state trying --sort=started_at"))
        }
        return findings
    }

    var outboxFindings: [StatusFinding] {
        databases.flatMap { database -> [StatusFinding] in
            guard let outbox = database.answer.value?.outbox, outbox.unsent > 0,
                outbox.age >= Double(limits.stuckAfter.components.seconds)
            else { return [] }
            let name = database.role.rawValue
            let reason = outbox.lastError.map { ": \($0)" } ?? ""
            // Who runs is not started once more.
            let isRunning =
                processes.contains { $0.roles.contains(database.role) }
                || roles.contains { $0.role == database.role && $0.state != .away }
            return [
                .warning(
                    "outbox_late", name,
                    "\(outbox.unsent) messages are not sent, the oldest for \(Timestamp.rounded(outbox.age))\(reason)",
                    next: isRunning
                        ? "shopctl outbox list --service \(name) --state unsent --state failing"
                        : "shopctl serve \(name)")
            ]
        }
    }
}
