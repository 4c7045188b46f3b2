import FoundationEssentials
import Sagas

/// One order with all that is recorded of it anywhere, as results show it.
struct OrderDossier: Report {
    let order: OrderRecord
    let sagas: [SagaDossier]
    /// Everything in the order of time.
    let events: [OrderStoryEvent]
    /// Services whose part could not be asked, and why.
    let notAsked: [(service: String, reason: String)]

    /// - Parameter events: What is recorded beside the sagas.
    init(
        order: OrderRecord, sagas: [SagaDossier], events: [OrderStoryEvent],
        notAsked: [(service: String, reason: String)]
    ) {
        self.order = order
        self.sagas = sagas
        let all = (order.events + events).map { (at: $0.at, event: $0) } + sagas.flatMap(Self.dated)
        // The order in which they were gathered decides between events of one moment.
        self.events = all.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element.event)
        var told: Set<String> = []
        // The broker is asked for each saga, and a database for its branch too.
        self.notAsked = (notAsked + sagas.flatMap(\.notAsked)).filter { told.insert($0.service).inserted }
    }

    /// A saga's events with their places in time: where two times of one transaction contradict the saga's own order,
    /// that is kept.
    private static func dated(_ saga: SagaDossier) -> [(at: Date, event: OrderStoryEvent)] {
        var next = Date.distantFuture
        var dated: [(at: Date, event: OrderStoryEvent)] = []
        for event in saga.timeline.reversed() {
            next = min(next, event.at)
            let told = OrderStoryEvent(
                at: event.at, place: event.by, event: event.event, text: event.text, sagaID: saga.facts.saga.id,
                messageID: event.messageID)
            dated.append((at: next, event: told))
        }
        return dated.reversed()
    }

    var schemaVersion: Int64 { 2 }
    var body: ReportBody {
        let start = order.createdAt
        return .one([
            "order": .record(OrderReport(order: order.message).record),
            "request": .record(["trace_id": .optional(order.traceID), "request_id": .optional(order.requestID)]),
            "sagas": .records(sagas.map(\.facts.saga.output)),
            "lost_saga_ids": .texts(order.lostSagaIDs.map { $0.uuidString.lowercased() }),
            "events": .records(events.map { $0.output(since: start) }),
            "awaited": .records(
                sagas.flatMap { saga in
                    saga.awaited.map { item in
                        var item = item
                        item.members.append(
                            .init(name: "saga_id", value: .text(saga.facts.saga.id.uuidString.lowercased())))
                        return item
                    }
                }),
            "not_asked": .records(
                notAsked.map { ["service": .text($0.service), "reason": .text($0.reason)] }),
            "next": .records(
                advice.map { ["text": .text($0.text), "command": .optional($0.command)] }),
        ])
    }

    /// The things to do about the sagas that are not over, and those that are lost.
    private var advice: [SagaAdvice] {
        order.lostSagaIDs.map { id in
            SagaAdvice(
                text: "orders has lost its record of saga \(id.uuidString.lowercased()), which nobody goes on with: "
                    + "look whether what it did agrees across the databases", command: "shopctl doctor")
        } + sagas.flatMap(\.advice) + untold
    }

    /// The remedy where the buyer was not told of the order: its event has reached nobody.
    private var untold: [SagaAdvice] {
        guard let decidedAt = order.decidedAt, order.isConfirmed,
            Date().timeIntervalSince(decidedAt) > Invariant.patienceWithEvents,
            !notAsked.contains(where: { $0.service == "customers" }),
            !events.contains(where: { $0.event == "notified" && $0.text.hasSuffix(": order_confirmed") })
        else { return [] }
        return [
            SagaAdvice(
                text: "its buyer was not told of it: send the event again, which whoever has heard of it ignores",
                command: Invariant.replay(since: decidedAt))
        ]
    }

    func table(_ style: TextStyle) -> String {
        var head = OrderReport(order: order.message).table(style)
        head +=
            "trace \(order.traceID ?? "not kept")" + (order.requestID.map { "  request \(Printable.line($0))" } ?? "")
            + "\n"
        for id in order.lostSagaIDs {
            head += "\(style.apply(.red, "lost")): orders has no record of saga \(id.uuidString.lowercased())\n"
        }
        for saga in sagas {
            head +=
                "\(saga.facts.saga.name) \(saga.facts.saga.phase.rawValue): \(Printable.line(saga.diagnosis.summary))\n"
        }
        var table = Table([
            .left("TIME"), .right("SINCE START"), .left("WHERE"), .left("WHAT", vital: true, wraps: true),
        ])
        for event in events {
            table.add([
                .clock(event.at), .plain(Timestamp.offset(event.at, since: order.createdAt)),
                .plain(event.place), .plain(event.text),
            ])
        }
        var end = sagas.map { $0.awaited(style) }.joined()
        for item in notAsked {
            end += "\(style.apply(.yellow, "not asked")) \(item.service): \(Printable.line(item.reason))\n"
        }
        for (index, advice) in advice.enumerated() {
            end += "\(index == 0 ? style.bold("next") : "then"): \(Printable.line(advice.text))\n"
            if let command = advice.command { end += "    \(Printable.line(command))\n" }
        }
        return [head, table.text(style), end].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
