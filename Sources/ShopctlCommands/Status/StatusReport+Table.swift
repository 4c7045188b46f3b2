import FoundationEssentials
import Hosting
import Sagas
import ShopContracts

extension StatusReport {
    func table(_ style: TextStyle) -> String {
        let part = style.ofPart
        let sections = [processes(part), databases(part), traffic(style), queues(part), advice(style)]
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func processes(_ style: TextStyle) -> String {
        var table = Table([
            .left("WHAT"), .left("WHERE", whole: true), .left("STATE"), .left("VERSION", whole: true), .left("ROLES"),
        ])
        var isGuessed = false
        func place(_ address: HostPort, isNamed: Bool) -> Table.Cell {
            isGuessed = isGuessed || !isNamed
            return .plain(isNamed ? "\(address)" : "\(address) (usual)")
        }
        for process in status.processes where process.isNamed || process.readiness != nil {
            let isReady = process.readiness?.isReady
            table.add([
                .plain("process"), place(process.address, isNamed: process.isNamed),
                .styled(
                    isReady.map { $0 ? "ready" : "not ready" } ?? "away", isReady == true ? .green : .red),
                .plain(process.readiness?.version ?? "?"), .plain(process.roles.map(\.rawValue).joined(separator: " ")),
            ])
        }
        for role in status.roles where role.isNamed || role.state != .away {
            table.add([
                .plain(role.role.rawValue), place(role.address, isNamed: role.isNamed),
                .styled(
                    role.state == .notReady ? "not ready" : role.state.rawValue, role.state == .ready ? .green : .red),
                .plain(""), .plain(""),
            ])
        }
        table.add(backend("broker", status.broker, status.brokerPlace))
        table.add(backend("redis", status.redis, status.redisPlace))
        guard isGuessed else { return table.text(style) }
        return table.text(style)
            + "usual: no setting names these addresses, and another shop of this host may answer there\n"
    }

    private func backend<Value: Sendable>(_ name: String, _ answer: StatusAnswer<Value>, _ place: String?) -> [Table
        .Cell]
    {
        let emphasis: Emphasis =
            switch answer {
            case .found: .green
            case .away: .red
            case .notSet: .dim
            }
        let word = answer.isSet ? answer.word : "not set"
        return [.plain(name), .plain(place ?? ""), .styled(word, emphasis), .plain(""), .plain("")]
    }

    private func databases(_ style: TextStyle) -> String {
        var table = Table([
            .left("DATABASE OF"), .left("STATE"), .left("SCHEMA", whole: true), .right("UNSENT"), .right("OLDEST"),
            .left("LOCKED BY"),
        ])
        for database in status.databases {
            let contents = database.answer.value
            let standing = contents?.standing
            let isFine = database.word == "ok"
            let word = database.word.map { $0 == "_" ? " " : String($0) }.joined()
            let outbox = contents?.outbox
            table.add([
                .plain(database.role.rawValue),
                .styled(word, isFine ? .green : database.answer.isSet ? .red : .dim),
                .plain(standing.map { "\($0.version.map(String.init) ?? "?") of \($0.latest)" } ?? "?"),
                .plain(outbox.map { String($0.unsent) } ?? "-"),
                .plain(outbox.map { $0.unsent > 0 ? Timestamp.rounded($0.age) : "-" } ?? "-"),
                .plain(standing?.lockHolder.map { "\($0)" } ?? ""),
            ])
        }
        return table.text(style)
    }

    /// Orders and sagas, a line each.
    private func traffic(_ style: TextStyle) -> String {
        var lines: [String] = []
        if let orders = status.orders {
            let age = orders.oldestUndecidedAt.map { ", the oldest for \(rounded(since: $0))" } ?? ""
            lines.append(
                "\(style.bold("orders"))  \(orders.begun) a minute (\(orders.accepted) confirmed, "
                    + "\(orders.refused) rejected), \(orders.undecided) undecided\(age)")
        } else {
            lines.append("\(style.bold("orders"))  not asked")
        }
        for (coordinator, standing) in status.sagas {
            let open = standing.shares.reduce(0) { $0 + $1.open }
            let stuck = standing.shares.reduce(0) { $0 + $1.stuck }
            var line = "\(style.bold("sagas"))   \(open) open at \(coordinator.rawValue), "
            line += style.apply(stuck > 0 ? .red : .none, "\(stuck) stuck")
            if let saga = standing.longestStuck, let since = saga.stuckSince {
                line += ", the longest for \(rounded(since: since)): \(saga.name) of \(saga.subjectText)"
            }
            lines.append(line)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func rounded(since date: Date) -> String { Timestamp.rounded(max(0, status.at.timeIntervalSince(date))) }

    private func queues(_ style: TextStyle) -> String {
        guard let broker = status.broker.value else { return "" }
        var table = Table([
            .left("QUEUES OF"), .right("READY"), .right("UNACKED"), .right("RETRYING"), .right("DEAD"),
            .right("CONSUMERS"),
        ])
        for service in broker.services {
            table.add([
                .plain(service.service), .plain(service.ready.map { String($0) } ?? "-"),
                .plain(service.unacknowledged.map { String($0) } ?? "?"),
                .styled(String(service.retrying), service.retrying > 0 ? .yellow : .none),
                .styled(String(service.dead), service.dead > 0 ? .red : .none),
                .styled(String(service.consumers), service.consumers == 0 ? .red : .none),
            ])
        }
        return table.text(style)
    }

    private func advice(_ style: TextStyle) -> String {
        let findings = status.findings
        guard !findings.isEmpty else { return "\(style.apply(.green, "nothing needs a hand"))\n" }
        var text = ""
        for finding in findings {
            let emphasis: Emphasis = finding.severity == .critical ? .red : .yellow
            let line = Printable.line("\(finding.subject): \(finding.text)")
            text += "\(style.apply(emphasis, finding.severity.rawValue)) \(line)\n"
        }
        var told: Set<String> = []
        for command in findings.map(\.next) where told.insert(command).inserted {
            text += "\(told.count == 1 ? style.bold("next") : "then"): \(Printable.line(command))\n"
        }
        return text
    }
}
