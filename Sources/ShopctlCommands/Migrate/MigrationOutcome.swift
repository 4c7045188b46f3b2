import Migrator

/// The deeds of a run of migrations.
struct MigrationOutcome: Report {
    var databases: [MigrationReport] = []
    var topology: TopologyReport?
    var failures = MigrationFailures()
    /// Has the commands that help keep what the command line says.
    var advice = MigrateAdvice()

    private var isDryRun: Bool { databases.contains(where: \.isDryRun) }

    /// Writes what was done, if anything was, and ends by the worst of what failed.
    func conclude(_ output: OutputOptions, _ context: CommandContext) throws {
        if !databases.isEmpty || topology != nil {
            let done = databases.flatMap { report in report.migrations.map { "\(report.role) \($0)" } }
            let deed = done.isEmpty ? "nothing was to be migrated" : "migrated: \(done.joined(separator: ", "))"
            try output.write(self, context, deed: isDryRun ? nil : deed)
        }
        for report in databases { advice.warn(of: report.changed, report.role, context) }
        try failures.finish(context)
    }

    var body: ReportBody {
        .one([
            "databases": .records(
                databases.map { report in
                    [
                        "role": .text(report.role),
                        "database": .text(report.database),
                        "direction": .text(report.direction.rawValue),
                        "from_version": .integer(report.from),
                        "to_version": .integer(report.to),
                        "migrations": .texts(report.migrations),
                        "created_database": .bool(report.createdDatabase),
                        "rebuilt_indexes": .texts(report.rebuiltIndexes),
                    ]
                }),
            "topology": .optional(
                topology.map { report -> OutputRecord in
                    [
                        "created": .texts(report.created), "existing": .count(report.existing.count),
                        "moved_messages": .count(report.moved), "deleted": .texts(report.deleted),
                        "retired": .texts(report.retired),
                    ]
                }),
            "failures": failures.output,
            "dry_run": .bool(isDryRun),
        ])
    }

    func table(_ style: TextStyle) -> String {
        var table = Table([
            .left("ROLE"), .left("DATABASE"), .right("FROM"), .right("TO"), .left(isDryRun ? "WOULD RUN" : "DONE"),
        ])
        for report in databases {
            let done = (report.createdDatabase ? ["created"] : []) + report.migrations
            table.add(texts: [
                report.role, report.database, String(report.from), String(report.to),
                done.isEmpty ? "-" : done.joined(separator: ", "),
            ])
        }
        var text = table.text(style)
        for report in databases {
            for index in report.rebuiltIndexes {
                text += Printable.line("\(report.role): index \(index) was INVALID: dropped and built again") + "\n"
            }
        }
        if isDryRun { text += "nothing was done\n" }
        guard let topology else { return text }
        text += "broker: \(topology.created.count) declared, \(topology.existing.count) there already\n"
        if !topology.deleted.isEmpty || topology.moved > 0 {
            let count = topology.deleted.count
            text += "broker: \(topology.moved) messages moved, \(count) queues of an earlier version deleted\n"
        }
        if !topology.retired.isEmpty {
            text += "broker: still in use by an earlier version: \(topology.retired.joined(separator: ", "))\n"
            text += "next: \(advice.keeping("shopctl migrate up")), when its processes have ended\n"
        }
        return text
    }
}
