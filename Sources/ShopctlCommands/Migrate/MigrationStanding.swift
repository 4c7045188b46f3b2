import Migrator

/// The standing of databases and broker.
struct MigrationStanding: Report {
    enum Database: Sendable {
        case there(MigrationStatus)
        case missing(role: String, database: String, latest: Int64)
        /// It could not be asked.
        case unknown(role: String, database: String, latest: Int64, reason: String)
    }

    var databases: [Database] = []
    /// Nil if the broker was not asked.
    var topology: TopologyStatus?
    var failures = MigrationFailures()
    /// Has the commands that help keep what the command line says.
    var advice = MigrateAdvice()

    /// Whether anything at all could be asked.
    var isKnown: Bool {
        topology != nil || databases.contains { if case .unknown = $0 { false } else { true } }
    }

    /// Whether nothing is pending, missing or wrong.
    var isCurrent: Bool {
        databases.allSatisfy { $0.pending == 0 && $0.problems.isEmpty }
            && (topology.map { $0.missing.isEmpty && $0.retired.isEmpty } ?? true)
            && failures.isEmpty
    }

    /// Whether anything is wrong with what could be asked.
    private var needsUp: Bool {
        databases.contains { $0.exists != nil && !($0.pending == 0 && $0.problems.isEmpty) }
            || topology.map { !$0.missing.isEmpty || !$0.retired.isEmpty } ?? false
    }

    /// The commands that help, the most pressing ones only.
    private var next: [String] {
        var repairs: [String] = []
        for case .there(let status) in databases {
            let repair = "shopctl migrate repair --role \(status.role)"
            for anomaly in status.anomalies {
                switch anomaly {
                // What it has left is looked at and mended by hand before the mark goes: no command is to do that unseen.
                case .dirty:
                    repairs += ["shopctl migrate history --role \(status.role)", "shopctl migrate repair --help"]
                // A build that is pending mends its own.
                case .invalidIndex where status.pending == 0: repairs.append("\(repair) --indexes --reason \"...\"")
                case .locked: repairs.append("shopctl migrate locks --role \(status.role)")
                // Tells which program has gone further: 'up' of this one is refused.
                case .unknownVersion: repairs.append("shopctl migrate history --role \(status.role)")
                // Where it was set is told with it; nothing of this program's takes it back.
                case .readOnly: repairs.append("let database '\(status.database)' take writes again")
                case .understated(_, let applied):
                    repairs.append("\(repair) --set-version \(applied) --reason \"...\"")
                // Tells what to do about each.
                case .passedOver: repairs.append("shopctl migrate verify --role \(status.role)")
                case .foreignVersionTable, .invalidIndex: continue
                }
            }
        }
        let isMissing = databases.contains { $0.exists == false }
        let up = isMissing ? "shopctl migrate up --create-databases" : "shopctl migrate up"
        return (repairs.isEmpty && needsUp ? [up] : repairs).map(advice.keeping)
    }

    /// Warns of applied migrations that differ from those at hand.
    func warn(_ context: CommandContext) {
        for case .there(let status) in databases { advice.warn(of: status.changed, status.role, context) }
    }

    var body: ReportBody {
        .one([
            "current": .bool(isCurrent),
            "databases": .records(
                databases.map { database in
                    [
                        "role": .text(database.role),
                        "database": .text(database.name),
                        "exists": database.exists.map(OutputValue.bool) ?? .null,
                        "version": .optional(database.version),
                        "latest_version": .integer(database.latest),
                        "pending": .optional(database.pending.map { Int64($0) }),
                        "problems": .texts(database.problems),
                        "migrations": .records(
                            database.entries.map {
                                [
                                    "version": .integer($0.version), "title": .text($0.title),
                                    "applied": .bool($0.isApplied),
                                ]
                            }),
                    ]
                }),
            "topology": .optional(
                topology.map { status -> OutputRecord in
                    [
                        "complete": .bool(status.missing.isEmpty),
                        "missing": .texts(status.missing),
                        "exchanges": .count(status.exchanges.count),
                        "queues": .count(status.queues.count),
                        "retired": .texts(status.retired.map(\.name)),
                    ]
                }),
            "failures": failures.output,
        ])
    }

    func table(_ style: TextStyle) -> String {
        var table = Table([
            .left("ROLE"), .left("DATABASE"), .right("VERSION"), .right("LATEST"), .right("PENDING"), .left("STATE"),
        ])
        for database in databases {
            let isFine = database.pending == 0 && database.problems.isEmpty
            let state =
                database.problems.isEmpty ? (isFine ? "ok" : "pending") : database.problems.joined(separator: "; ")
            table.add([
                .plain(database.role), .plain(database.name), .plain(database.version.map(String.init) ?? "?"),
                .plain(String(database.latest)), .plain(database.pending.map(String.init) ?? "?"),
                .styled(state, isFine ? .green : .yellow),
            ])
        }
        let next = next.map { "next: \($0)\n" }.joined()
        guard let topology else { return table.text(style) + next }
        let total = topology.exchanges.count + topology.queues.count
        let missing = topology.missing
        var broker =
            missing.isEmpty
            ? "broker: all \(total) exchanges and queues are there\n"
            : "broker: \(missing.count) of \(total) are missing: \(missing.joined(separator: ", "))\n"
        for queue in topology.retired {
            let (messages, consumers) = (queue.messages ?? 0, queue.consumers ?? 0)
            broker += "broker: \(queue.name) is of an earlier version: \(messages) messages, \(consumers) consumers\n"
        }
        return table.text(style) + broker + next
    }
}

extension MigrationStanding.Database {
    var role: String {
        switch self {
        case .there(let status): status.role
        case .missing(let role, _, _), .unknown(let role, _, _, _): role
        }
    }

    var name: String {
        switch self {
        case .there(let status): status.database
        case .missing(_, let database, _), .unknown(_, let database, _, _): database
        }
    }

    /// Nil if it cannot be told.
    var exists: Bool? {
        switch self {
        case .there: true
        case .missing: false
        case .unknown: nil
        }
    }

    /// The reason why it takes no writes; nil if it does.
    var readOnlyReason: String? {
        guard case .there(let status) = self else { return nil }
        return status.anomalies.lazy.compactMap { if case .readOnly(let reason) = $0 { reason } else { nil } }.first
    }

    /// Nil if it cannot be told.
    var version: Int64? {
        switch self {
        case .there(let status): status.version
        case .missing: 0
        case .unknown: nil
        }
    }

    var entries: [MigrationStatus.Entry] {
        switch self {
        case .there(let status): status.entries
        case .missing, .unknown: []
        }
    }

    var latest: Int64 {
        switch self {
        case .there(let status): status.entries.last?.version ?? 0
        case .missing(_, _, let latest), .unknown(_, _, let latest, _): latest
        }
    }

    /// Nil if it cannot be told.
    var pending: Int? {
        switch self {
        case .there(let status): status.pending
        case .missing(_, _, let latest): Int(latest)
        case .unknown: nil
        }
    }

    var problems: [String] {
        switch self {
        case .there(let status): status.anomalies.map(\.description)
        case .missing: ["the database does not exist"]
        case .unknown(_, _, _, let reason): [reason]
        }
    }
}
