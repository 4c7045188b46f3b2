import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate locks`
    struct MigrateLocks: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "locks",
            abstract: "Show who holds the migration lock or keeps a table locked, and who waits.",
            discussion: """
                A migrator holds the lock of its database from beginning to end; others wait, golang-migrate too. A holder \
                that does not get on waits for a table, mostly, which a session has that is listed as 'blocks': often one \
                that is idle in a transaction. So is whoever has kept others from a table, migration or not, for more \
                than 5 s, with its tables and how many wait for them. Changes nothing, and waits for nobody.

                EXAMPLES:
                  shopctl migrate locks
                  shopctl migrate locks --role orders -o json
                """)

        @OptionGroup var roles: Roles
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws { try source.check(roles.chosen) }

        func run(_ context: CommandContext) async throws {
            let plan = MigrationPlan(
                roles: roles.all, configuration: try settings.begin(context), folder: source.folder)
            let runners = try roles.all.map { (role: $0, runner: try plan.runner($0)) }
            var report = LocksReport()
            for (role, runner) in runners {
                let found = try await report.failures.noting(role.rawValue, at: runner.place) {
                    try await runner.locks()
                }
                report.sessions += (found ?? []).map {
                    .init(role: role.rawValue, database: runner.database, lock: $0)
                }
            }
            if report.failures.all.count < runners.count { try output.write(report, context) }
            try report.failures.finish(context)
        }
    }
}

/// Sessions that have to do with migration locks, or keep others from tables.
struct LocksReport: Report {
    struct Entry: Sendable {
        let role: String
        let database: String
        let lock: MigrationLockSession
    }

    var sessions: [Entry] = []
    var failures = MigrationFailures()

    var body: ReportBody {
        .one([
            "sessions": .records(
                sessions.map { entry in
                    let (lock, session) = (entry.lock, entry.lock.session)
                    return [
                        "role": .text(entry.role), "database": .text(entry.database),
                        "part": .text(lock.part.rawValue), "pid": .integer(Int64(session.pid)),
                        "application": .text(session.applicationName), "user": .text(session.user),
                        "address": .text(session.address), "connected_at": Timestamp.value(session.since),
                        "transaction_at": Timestamp.value(session.transactionSince), "state": .text(session.state),
                        "waits_for": .optional(lock.waitsFor),
                        "blocked_by": .list(lock.blockedBy.map { .integer(Int64($0)) }),
                        "tables": .texts(lock.tables), "waiting": .integer(lock.waiting),
                    ]
                }),
            "failures": failures.output,
        ])
    }

    func table(_ style: TextStyle) -> String {
        guard !sessions.isEmpty else {
            return "nobody holds a migration lock or waits for one, and no table is kept locked\n"
        }
        var table = Table([
            .left("ROLE"), .left("PART"), .right("PID"), .left("APPLICATION"), .left("USER"), .left("ADDRESS"),
            .left("CONNECTED"), .left("TRANSACTION"), .left("STATE"), .left("BLOCKED BY"), .left("LOCKED"),
            .right("WAITING"),
        ])
        for entry in sessions {
            let (lock, session) = (entry.lock, entry.lock.session)
            let emphasis: Emphasis = lock.part == .blocks ? .red : lock.part == .holds ? .yellow : .none
            table.add([
                .plain(entry.role), .styled(lock.part.rawValue, emphasis), .plain(String(session.pid)),
                .plain(session.applicationName), .plain(session.user), .plain(session.address), .time(session.since),
                .time(session.transactionSince), .plain(session.state),
                .plain(lock.blockedBy.isEmpty ? "-" : lock.blockedBy.map(String.init).joined(separator: ", ")),
                .plain(lock.tables.isEmpty ? "-" : lock.tables.joined(separator: ", ")),
                .plain(String(lock.waiting)),
            ])
        }
        var text = table.text(style)
        if let blocker = sessions.first(where: { $0.lock.part == .blocks }) {
            let name = blocker.lock.session.applicationName
            text +=
                Printable.line(
                    "next: end \(name.isEmpty ? "it" : name), or in database \(blocker.database): "
                        + "SELECT pg_terminate_backend(\(blocker.lock.session.pid))") + "\n"
        }
        return text
    }
}
