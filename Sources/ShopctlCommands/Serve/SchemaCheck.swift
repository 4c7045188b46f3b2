import Hosting
import Logging
import Migrator
import Postgres
import Synchronization

/// Whether a role's database has the schema that this binary needs.
struct SchemaCheck: Sendable {
    private let role: Role
    private let runner: MigrationRunner

    /// - Parameter roles: All roles of the process, so that no two share a database by mistake.
    init(role: Role, configuration: ShopConfiguration, roles: Set<Role>, logger: Logger) throws {
        self.role = role
        runner = MigrationRunner(
            configuration: try configuration.database(of: role, among: roles, connectTimeout: .seconds(2)),
            migrations: try MigrationSet.for(role.rawValue), logger: logger)
    }

    init(role: Role, in composition: Composition) throws {
        try self.init(
            role: role, configuration: composition.configuration, roles: composition.roles, logger: composition.logger)
    }

    /// Passes if nothing is pending. A version that this binary does not know passes: a newer binary has migrated,
    /// and migrations keep older binaries working.
    ///
    /// - Throws: ``CommandFailure`` naming the remedy; `MigrationError` if the database cannot be asked.
    func run() async throws {
        let status: MigrationStatus
        do {
            status = try await runner.status(seekingBlockers: false)
        } catch {
            guard case .databaseMissing(let database) = error else { throw error }
            throw CommandFailure(
                .badData, "database '\(database)' of the role \(role.rawValue) does not exist",
                hint: "shopctl migrate up --create-databases")
        }
        for anomaly in status.anomalies {
            switch anomaly {
            case .dirty, .foreignVersionTable, .understated, .passedOver:
                throw CommandFailure(
                    .badData, "database '\(status.database)': \(anomaly)", hint: "shopctl migrate status")
            // A database without writes is the check's that asks it.
            case .unknownVersion, .locked, .invalidIndex, .readOnly: continue
            }
        }
        let isNewer = status.anomalies.contains { if case .unknownVersion = $0 { true } else { false } }
        guard status.pending == 0 || isNewer else {
            let pending = status.pending == 1 ? "1 pending migration" : "\(status.pending) pending migrations"
            throw CommandFailure(
                .badData, "database '\(status.database)' of the role \(role.rawValue) has \(pending)",
                hint: "shopctl migrate up")
        }
    }

    /// The same as a readiness check. A schema can be taken back under a running server, so it is asked for again: by the
    /// versions that the database says it has, since connections of its own, and all that is looked at over them, are for
    /// the start and for a database that says something else.
    ///
    /// - Parameters:
    ///   - database: The role's own connections.
    ///   - memory: How long a schema that was found is taken to be there still.
    func readiness(over database: PostgresClient, memory: Duration = .seconds(15)) -> ReadinessCheck {
        let passed = Passed()
        return ReadinessCheck("\(role.rawValue).schema") {
            let last = passed.last.withLock { $0 }
            if let last, ContinuousClock.now - last.at < memory { return }
            // What cannot be read is found out, and told, by the whole check.
            let versions = try? await Self.versions(in: database)
            if versions == nil || versions != last?.versions { try await run() }
            passed.last.withLock { $0 = (versions, .now) }
        }
    }

    /// The rows of `schema_migrations`, as text.
    private static func versions(in database: PostgresClient) async throws -> String {
        try await database.query(
            "SELECT coalesce(string_agg(m::text, ' ' ORDER BY version), '') FROM schema_migrations m"
        ).decode((String).self)[0]
    }

    private final class Passed: Sendable {
        /// What the database said when it was found to be well, nil if it said nothing, and when that was asked last.
        let last = Mutex<(versions: String?, at: ContinuousClock.Instant)?>(nil)
    }
}
