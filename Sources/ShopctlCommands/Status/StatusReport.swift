import FoundationEssentials
import Hosting
import Sagas

/// The shop's status as results show it.
struct StatusReport: Report {
    let status: ShopStatus

    var schemaVersion: Int64 { 2 }
    var body: ReportBody {
        .one([
            "at": .text(Timestamp.text(status.at)),
            "level": .text(status.level),
            "version": .text(Version.text),
            "processes": .records(status.processes.map(process)),
            "roles": .records(status.roles.map(role)),
            "databases": .records(status.databases.map(database)),
            "broker": .record(broker),
            "redis": .record([
                "state": .text(status.redis.word), "address": .optional(status.redisPlace),
                "reason": .optional(status.redis.reason),
            ]),
            "orders": .optional(status.orders.map(orders)),
            "sagas": .records(status.sagas.map(sagas)),
            "findings": .records(
                status.findings.map { finding in
                    [
                        "severity": .text(finding.severity.rawValue), "kind": .text(finding.kind),
                        "subject": .text(finding.subject), "text": .text(finding.text), "next": .text(finding.next),
                    ]
                }),
        ])
    }

    private func process(_ process: ProcessStatus) -> OutputRecord {
        [
            "address": .text("\(process.address)"),
            "address_from": .text(process.origin),
            "answers": .bool(process.readiness != nil),
            "version": .optional(process.readiness?.version),
            "ready": process.readiness.map { OutputValue.bool($0.isReady) } ?? .null,
            "roles": .texts(process.roles.map(\.rawValue)),
            "failing": .texts(process.failing.map(\.text)),
        ]
    }

    private func role(_ role: RoleStatus) -> OutputRecord {
        [
            "role": .text(role.role.rawValue), "address": .text("\(role.address)"), "state": .text(role.state.rawValue),
            "reason": .optional(role.reason),
        ]
    }

    private func database(_ database: DatabaseStatus) -> OutputRecord {
        let contents = database.answer.value
        let standing = contents?.standing
        return [
            "role": .text(database.role.rawValue),
            "state": .text(database.word),
            "reason": .optional(database.reason),
            "database": .optional(standing?.name),
            "schema": .optional(
                standing.map { standing -> OutputRecord in
                    [
                        "version": .optional(standing.version), "latest_version": .integer(standing.latest),
                        "pending": .optional(standing.pending.map { Int64($0) }),
                        "problems": .texts(standing.problems),
                        "lock_holder": .optional(standing.lockHolder.map { "\($0)" }),
                    ]
                }),
            "outbox": .optional(
                contents?.outbox.map { outbox -> OutputRecord in
                    [
                        "unsent": .integer(outbox.unsent), "oldest_at": Timestamp.value(outbox.oldestAt),
                        "last_error": .optional(outbox.lastError),
                    ]
                }),
        ]
    }

    private var broker: OutputRecord {
        [
            "state": .text(status.broker.word),
            "address": .optional(status.brokerPlace),
            "reason": .optional(status.broker.reason),
            "complete": .bool(status.broker.value.map { $0.unchecked == nil } ?? false),
            "queues": .records(
                status.broker.value?.services.map { service -> OutputRecord in
                    [
                        "service": .text(service.service),
                        "ready": .optional(service.ready.map { Int64($0) }),
                        "unacknowledged": .optional(service.unacknowledged.map { Int64($0) }),
                        "consumers": .count(service.consumers),
                        "retrying": .count(service.retrying),
                        "dead": .count(service.dead),
                    ]
                } ?? []),
        ]
    }

    private func orders(_ orders: SagaStanding.Share) -> OutputRecord {
        [
            "placed_last_minute": .integer(orders.begun), "confirmed_of_them": .integer(orders.accepted),
            "rejected_of_them": .integer(orders.refused), "undecided": .integer(orders.undecided),
            "oldest_undecided_at": Timestamp.value(orders.oldestUndecidedAt),
        ]
    }

    private func sagas(_ sagas: (coordinator: Role, standing: SagaStanding)) -> OutputRecord {
        [
            "coordinator": .text(sagas.coordinator.rawValue),
            "open": .integer(sagas.standing.shares.reduce(0) { $0 + $1.open }),
            "stuck": .integer(sagas.standing.shares.reduce(0) { $0 + $1.stuck }),
            "longest_stuck": .optional(sagas.standing.longestStuck?.output),
        ]
    }
}
