import Hosting
import Migrator

/// The findings about databases, broker and Redis.
extension ShopStatus {
    var backendFindings: [StatusFinding] {
        // A server that refuses several databases for one reason is told once.
        let shared = awayDatabaseServers.filter { $0.roles.count > 1 }
        var findings = shared.map { server in
            StatusFinding.critical(
                "database_away", "databases", "\(server.name): \(server.reason)", next: "shopctl doctor")
        }
        findings += databases.filter { sharedServerAway(of: $0.role) == nil }.flatMap { judged($0) }
        if case .away(let reason, let next, _) = broker {
            findings.append(.critical("broker_away", "broker", reason, next: next))
        }
        // Reads go to the databases meanwhile.
        if case .away(let reason, let next, _) = redis {
            findings.append(.warning("redis_away", "redis", reason, next: next))
        }
        return findings
    }

    private func judged(_ database: DatabaseStatus) -> [StatusFinding] {
        let role = database.role.rawValue
        switch database.answer {
        case .notSet: return []
        case .away(let reason, let next, _):
            // One command looks at all of them.
            let isOnly = databases.count { $0.answer.reason != nil } == 1
            let command = isOnly && next == "shopctl migrate status" ? "\(next) --role \(role)" : next
            return [.critical("database_away", role, reason, next: command)]
        case .found(let contents): return judged(role, contents.standing)
        }
    }

    private func judged(_ role: String, _ database: MigrationStanding.Database) -> [StatusFinding] {
        guard database.exists != false else {
            return [
                .critical(
                    "database_missing", role, "the database '\(database.name)' does not exist",
                    next: "shopctl migrate up --role \(role) --create-databases")
            ]
        }
        var findings: [StatusFinding] = []
        var isUnderstated = false
        if case .there(let status) = database {
            for anomaly in status.anomalies {
                let look = "shopctl migrate status --role \(role)"
                switch anomaly {
                case .locked: findings.append(.warning("migration_lock", role, "\(anomaly)", next: look))
                case .invalidIndex: findings.append(.warning("schema_wrong", role, "\(anomaly)", next: look))
                case .understated:
                    // What was applied is not pending, whatever the version says.
                    isUnderstated = true
                    findings.append(.critical("schema_wrong", role, "\(anomaly)", next: look))
                case .passedOver:
                    let verify = "shopctl migrate verify --role \(role)"
                    findings.append(.critical("schema_wrong", role, "\(anomaly)", next: verify))
                case .dirty, .unknownVersion, .foreignVersionTable:
                    findings.append(.critical("schema_wrong", role, "\(anomaly)", next: look))
                case .readOnly: findings.append(.critical("database_read_only", role, "\(anomaly)", next: look))
                }
            }
            let locks = "shopctl migrate locks --role \(role)"
            findings += status.blockers.map { blocker -> StatusFinding in
                blocker.waiting > 0
                    ? .critical("table_locked", role, "\(blocker)", next: locks)
                    : .warning("table_locked", role, "\(blocker)", next: locks)
            }
        }
        if let pending = database.pending, pending > 0, !isUnderstated {
            findings.append(
                .warning(
                    "migrations_pending", role, pending == 1 ? "1 migration is pending" : "\(pending) are pending",
                    next: "shopctl migrate up --role \(role)"))
        }
        return findings
    }
}
