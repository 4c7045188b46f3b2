import Postgres

/// The SQL of a run of migrations, for psql.
public struct MigrationScript: Sendable, Equatable {
    /// The role whose migrations they are.
    public let role: String
    /// The database that it is for.
    public let database: String
    /// The version it starts from.
    public let from: Int64
    /// The version it ends at.
    public let to: Int64
    /// Names of the migrations, in order.
    public let migrations: [String]
    /// The text.
    public let sql: String
}

extension MigrationRunner {
    /// Writes down what ``up(_:)`` would run now, and changes nothing.
    public func plan(_ target: MigrationTarget = .end) async throws(MigrationError) -> MigrationScript {
        try await withShop { session in
            let work = work(on: session)
            let current = try await work.readVersion()
            let chosen = try migrations.path(.up, from: current, to: target)
            let lock = try await lock(on: session)
            let history = try await MigrationHistory.read(on: session)
            var leftovers: [Int64: MigrationLeftovers] = [:]
            for migration in chosen {
                leftovers[migration.version] = try await work.leftovers(of: migration, history)
            }
            return MigrationScript(
                role: migrations.role, database: configuration.database, from: current,
                to: chosen.last?.version ?? current, migrations: chosen.map(\.name),
                sql: MigrationScriptWriter(
                    migrations: migrations, author: author, configuration: configuration, from: current, chosen: chosen,
                    leftovers: leftovers, lockKey: lock.key
                ).text())
        }
    }
}

/// Writes migrations as a script that psql runs, with everything that a runner does around them.
struct MigrationScriptWriter {
    let migrations: MigrationSet
    let author: MigrationAuthor
    let configuration: PostgresConfiguration
    let from: Int64
    let chosen: [Migration]
    /// The remains of earlier runs, by version.
    let leftovers: [Int64: MigrationLeftovers]
    let lockKey: Int64

    func text() -> String {
        let to = chosen.last?.version ?? from
        let title = "-- Database \(oneLine(configuration.database)) of the role \(migrations.role)"
        guard !chosen.isEmpty else { return "\(title): at version \(from), nothing is pending.\n" }
        return "\(title): from version \(from) to \(to), by \(oneLine(author.program)).\n" + opening()
            + chosen.map(section).joined() + "\nSELECT pg_advisory_unlock(\(lockKey));\n"
    }

    /// Settings, the lock, the tables, and the check that the database is where the script starts from.
    private func opening() -> String {
        let schema = configuration.schema.map { "SET search_path TO \($0);\n" } ?? ""
        let isThere =
            from == 0
            ? "NOT EXISTS (SELECT FROM schema_migrations)"
            : "EXISTS (SELECT FROM schema_migrations WHERE version = \(from) AND NOT dirty)"
        let patience = Int64(configuration.lockTimeout / .milliseconds(1))
        return """
            \\set ON_ERROR_STOP on
            \(schema)SET statement_timeout TO 0;
            SET lock_timeout TO \(patience);
            DO $plan$ BEGIN
                IF NOT pg_try_advisory_lock(\(lockKey)) THEN
                    RAISE EXCEPTION 'another migrator is at work: shopctl migrate locks --role \(migrations.role)';
                END IF;
            END $plan$;
            \(VersionTable.creation.sql);
            \(MigrationHistory.creation.sql);
            DO $plan$ BEGIN
                IF NOT (\(isThere)) THEN
                    RAISE EXCEPTION 'this script is for a database at version \(from): plan again';
                END IF;
            END $plan$;

            """
    }

    private func section(_ migration: Migration) -> String {
        let script = SQLScript(migration.up)
        let mode = MigrationMode(script)
        var text = migration.up.hasSuffix("\n") ? migration.up : migration.up + "\n"
        if !script.isTerminated { text += ";\n" }
        if let left = leftovers[migration.version] {
            if !left.done.isEmpty {
                let rest = script.statements.enumerated().filter { !left.done.contains($0.offset) }
                text = rest.map { $0.element.text + ";\n" }.joined()
            }
            text = left.invalid.map { "DROP INDEX CONCURRENTLY \($0);\n" }.joined() + text
        }
        let record = statements(deed: .up, migration, isDirty: false)
        let heading = "\n-- \(oneLine(migration.name))\n"
        switch mode {
        case .transaction: return heading + "BEGIN;\n" + text + record + "COMMIT;\n"
        case .concurrent: return heading + text + "BEGIN;\n" + record + "COMMIT;\n"
        case .unbound, .own:
            let begun = statements(deed: .begun, migration, isDirty: true)
            return heading + "BEGIN;\n" + begun + "COMMIT;\n" + text + "BEGIN;\n" + record + "COMMIT;\n"
        }
    }

    private func statements(deed: MigrationDeed.Kind, _ migration: Migration, isDirty: Bool) -> String {
        let values = [
            literal(deed.rawValue), String(migration.version), literal(migration.title), literal(migration.checksum),
            literal(author.program), literal(author.who), MigrationHistory.age,
        ]
        return """
            DELETE FROM schema_migrations;
            INSERT INTO schema_migrations (version, dirty) VALUES (\(migration.version), \(isDirty));
            INSERT INTO schema_migrations_history (deed, version, title, checksum, program, who, milliseconds)
            VALUES (\(values.joined(separator: ", ")));

            """
    }

    private func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

    /// A text that stays within the comment it stands in.
    private func oneLine(_ text: String) -> String { text.replacing("\n", with: " ").replacing("\r", with: " ") }
}
