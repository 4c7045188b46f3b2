import FoundationEssentials
import Hosting
import Sagas

/// Samples of the shop, the last of them told, with how it has changed.
struct TopReport: Report {
    /// The oldest first; one at least.
    let history: [TopSample]

    private var last: TopSample { history[history.count - 1] }
    private var status: ShopStatus { last.status }
    /// The sample before; the same where there is only one.
    private var before: ShopStatus { history[max(0, history.count - 2)].status }
    private var seconds: Double { max(0.001, status.at.timeIntervalSince(before.at)) }

    /// A queue's or an outbox's figures through time.
    private struct Track {
        let name: String
        let figures: [Int]
        let perMinute: Int64
    }

    private func track(_ name: String, _ figure: (ShopStatus) -> Int?) -> Track {
        let figures = history.map { figure($0.status) ?? 0 }
        let change = Double((figure(status) ?? 0) - (figure(before) ?? 0))
        return Track(name: name, figures: figures, perMinute: Int64((change / seconds * 60).rounded()))
    }

    private var queues: [(service: BrokerStatus.Service, ready: Track)] {
        (status.broker.value?.services ?? []).map { service in
            let ready = track(service.service) { status in
                status.broker.value?.services.first { $0.service == service.service }?.ready
            }
            return (service, ready)
        }
    }

    private var outboxes: [(unsent: Int64, track: Track)] {
        status.databases.compactMap { database in
            guard let outbox = database.answer.value?.outbox else { return nil }
            let unsent = track(database.role.rawValue) { status in
                status.databases.first { $0.role == database.role }?.answer.value?.outbox.map { Int($0.unsent) }
            }
            return (outbox.unsent, unsent)
        }
    }

    var schemaVersion: Int64 { 3 }
    var body: ReportBody {
        .one([
            "at": .text(Timestamp.text(status.at)), "level": .text(status.level),
            "interval_ms": .integer(Int64((seconds * 1000).rounded())),
            "orders": .optional(
                status.orders.map { orders -> OutputRecord in
                    [
                        "placed_last_minute": .integer(orders.begun),
                        "confirmed_of_them": .integer(orders.accepted), "rejected_of_them": .integer(orders.refused),
                        "undecided": .integer(orders.undecided),
                        "bucket_seconds": .count(TopSample.bucket),
                        "placed": .list(last.placed.map { .count($0) }),
                        "decided": .list(last.decided.map { .count($0) }),
                    ]
                }),
            "queues": .records(
                queues.map { service, ready in
                    [
                        "service": .text(service.service), "ready": .optional(service.ready.map { Int64($0) }),
                        "ready_per_minute": .integer(ready.perMinute),
                        "unacknowledged": .optional(service.unacknowledged.map { Int64($0) }),
                        "retrying": .count(service.retrying), "dead": .count(service.dead),
                    ]
                }),
            "outboxes": .records(
                outboxes.map { unsent, track in
                    [
                        "service": .text(track.name), "unsent": .integer(unsent),
                        "unsent_per_minute": .integer(track.perMinute),
                    ]
                }),
            "steps": .records(
                last.steps.map { step in
                    [
                        "saga": .text(step.saga), "participant": .text(step.participant), "step": .text(step.step),
                        "count": .integer(step.count), "median_ms": .optional(step.median.map(Self.milliseconds)),
                        "slow_ms": .optional(step.slow.map(Self.milliseconds)),
                        "longest_ms": .optional(step.longest.map(Self.milliseconds)),
                        "outstanding": .integer(step.outstanding),
                        "outstanding_ms": .optional(step.outstandingFor.map(Self.milliseconds)),
                    ]
                }),
            "findings": .count(status.findings.count),
            "next": .optional(status.findings.first?.next),
        ])
    }

    private static func milliseconds(_ seconds: Double) -> Int64 { Int64((max(0, seconds) * 1000).rounded()) }

    // MARK: - For people

    func table(_ style: TextStyle) -> String {
        [orders(style), backlog(style.ofPart), steps(style.ofPart), advice(style)]
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func orders(_ style: TextStyle) -> String {
        guard let orders = status.orders else { return "\(style.bold("orders"))   not asked\n" }
        var text =
            "\(style.bold("orders"))   \(orders.begun) a minute (\(orders.accepted) confirmed, \(orders.refused) "
            + "rejected), \(orders.undecided) undecided\n"
        guard !last.placed.isEmpty else { return text }
        text += "placed   \(Sparkline.text(last.placed))  \(last.placed.last ?? 0) in the last \(TopSample.bucket) s\n"
        text += "decided  \(Sparkline.text(last.decided))  \(last.decided.last ?? 0)\n"
        return text
    }

    private func backlog(_ style: TextStyle) -> String {
        var table = Table([
            .left("WAITING"), .left("OF"), .right("NOW"), .right("PER MINUTE"), .right("UNACKED"),
            .right("RETRYING"), .right("DEAD"), .left("GRAPH"),
        ])
        for (service, ready) in queues {
            table.add([
                .plain("inbox"), .plain(service.service), .plain(service.ready.map { String($0) } ?? "-"),
                .plain(Self.signed(ready.perMinute)), .plain(service.unacknowledged.map { String($0) } ?? "?"),
                .styled(String(service.retrying), service.retrying > 0 ? .yellow : .none),
                .styled(String(service.dead), service.dead > 0 ? .red : .none),
                .plain(Sparkline.text(ready.figures)),
            ])
        }
        for (unsent, track) in outboxes {
            table.add([
                .plain("outbox"), .plain(track.name), .plain(String(unsent)), .plain(Self.signed(track.perMinute)),
                .plain(""), .plain(""), .plain(""), .plain(Sparkline.text(track.figures)),
            ])
        }
        return queues.isEmpty && outboxes.isEmpty ? "" : table.text(style)
    }

    private func steps(_ style: TextStyle) -> String {
        guard !last.steps.isEmpty else { return "" }
        var table = Table([
            .left("SLOWEST STEPS"), .left("OF"), .left("STEP"), .right("COUNT"), .right("MEDIAN"), .right("SLOW"),
            .right("LONGEST"), .right("OPEN"),
        ])
        func span(_ seconds: Double?) -> String { seconds.map(Timestamp.span) ?? "-" }
        for step in last.steps.prefix(8) {
            table.add([
                .plain(step.saga), .plain(step.participant), .plain(step.step), .plain(String(step.count)),
                .plain(span(step.median)), .plain(span(step.slow)), .plain(span(step.longest)),
                .styled(
                    step.outstandingFor.map { "\(step.outstanding) for \(Timestamp.span($0))" } ?? "-",
                    step.outstanding > 0 ? .yellow : .none),
            ])
        }
        return table.text(style)
    }

    private func advice(_ style: TextStyle) -> String {
        guard let finding = status.findings.first else {
            return "\(style.apply(.green, "nothing needs a hand"))\n"
        }
        let emphasis: Emphasis = finding.severity == .critical ? .red : .yellow
        let more = status.findings.count > 1 ? " (and \(status.findings.count - 1) more: shopctl status)" : ""
        return "\(style.apply(emphasis, finding.severity.rawValue)) "
            + "\(Printable.line("\(finding.subject): \(finding.text)"))\(more)\n"
            + "\(style.bold("next")): \(Printable.line(finding.next))\n"
    }

    private static func signed(_ number: Int64) -> String { number > 0 ? "+\(number)" : String(number) }
}
