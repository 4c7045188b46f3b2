import Events
import RabbitMQ

/// The queues for people.
extension QueueOverview {
    static var columns: [Table.Column] { columns(isViewed: true) }
    var columns: [Table.Column] { Self.columns(isViewed: isViewed) }

    private static func columns(isViewed: Bool) -> [Table.Column] {
        [
            .left("SERVICE"), .left("QUEUE"), .left("FOR", "purpose", extra: true), .right("READY"),
            .right("UNACKED", "unacknowledged", minor: true), .right("RETRYING"), .right("DEAD"),
            .left("OLDEST", "oldest_at"),
            .right("IN/S", "publish_rate", extra: !isViewed, minor: true),
            .right("OUT/S", "deliver_rate", extra: !isViewed, minor: true),
            .right("ACK/S", "ack_rate", extra: !isViewed, minor: true), .right("CONSUMERS"),
            .left("BINDINGS", "missing_bindings", extra: !isViewed), .left("POLICY", extra: true),
            .left("NOTE", "concern", vital: true),
        ]
    }

    /// - Parameter isWhole: Whether also those are shown that are empty and about which there is nothing to say.
    func rows(_ style: TextStyle, isWhole: Bool = true) -> String {
        var table = Table(columns)
        for queue in queues where isWhole || queue.isNotable {
            let rates = queue.viewed?.rates
            table.add([
                .plain(queue.service), .plain(queue.name), .plain(queue.purpose.rawValue),
                .plain(queue.status.map { String($0.messages) } ?? "-"),
                .plain(queue.viewed?.unacknowledged.map { String($0) } ?? "?"),
                Self.count(queue.retrying, .yellow), Self.count(queue.dead, .red), .time(queue.oldestAt),
                .plain(Self.rate(rates?.published)), .plain(Self.rate(rates?.delivered)),
                .plain(Self.rate(rates?.acknowledged)),
                .plain(queue.status.map { String($0.consumers) } ?? "-"), bindings(queue),
                .plain(isViewed ? queue.viewed?.policies ?? "" : "?"),
                .styled(queue.concern ?? "", queue.purpose == .dead ? .red : .yellow),
            ])
        }
        return table.text(style)
    }

    private static func count(_ count: Int?, _ emphasis: Emphasis) -> Table.Cell {
        .styled(count.map { String($0) } ?? "", count ?? 0 > 0 ? emphasis : .none)
    }

    /// With one digit behind the point.
    private static func rate(_ rate: Double?) -> String {
        rate.map { "\(($0 * 10).rounded() / 10)" } ?? ""
    }

    private func bindings(_ queue: Queue) -> Table.Cell {
        guard isViewed, queue.purpose != .retired else { return .plain(isViewed ? "" : "?") }
        let missing = queue.missingBindings.count
        return missing > 0 ? .styled("\(missing) missing", .red) : .plain(queue.status == nil ? "-" : "ok")
    }

    func table(_ style: TextStyle) -> String {
        var text = rows(style, isWhole: style.isWide || style.columns != nil)
        if !isViewed { text += "\(Self.unchecked)\nnext: \(Self.way)\n" }
        for hint in hints { text += "next: \(hint)\n" }
        return text
    }

    /// The commands that queues lead to.
    static func hints(about queues: [Queue]) -> [String] {
        var hints: [String] = []
        if queues.contains(where: { !$0.findings.isEmpty }) { hints.append("shopctl queue check") }
        if queues.contains(where: { $0.status == nil || $0.purpose == .retired }) { hints.append("shopctl migrate up") }
        for queue in queues where queue.purpose == .dead && queue.concern != nil && queue.status != nil {
            hints.append("shopctl queue peek \(queue.service)")
        }
        return hints
    }
}
