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
            status = try await runner.status()
        } catch {
            guard case .databaseMissing(let database) = error else { throw error }
            throw CommandFailure(
                .badData, "database '\(database)' of the role \(role.rawValue) does not exist",
                hint: "shopctl migrate up --create-databases")
        }
        for anomaly in status.anomalies {
            switch anomaly {
            case .dirty, .foreignVersionTable:
                throw CommandFailure(
                    .badData, "database '\(status.database)': \(anomaly)", hint: "shopctl migrate status")
            case .unknownVersion, .locked, .invalidIndex: continue
            }
        }
        let isNewer = status.anomalies.contains { if case .unknownVersion = $0 { true } else { false } }
        guard status.pending == 0 || isNewer else {
            throw CommandFailure(
                .badData,
                "database '\(status.database)' of the role \(role.rawValue) has \(status.pending) pending migrations",
                hint: "shopctl migrate up")
        }
    }

    /// The same as a readiness check. A schema can be taken back under a running server, so it is asked for again.
    ///
    /// - Parameter memory: How long a schema that was found is taken to be there still: asking costs a connection of its
    ///   own.
    func readiness(memory: Duration = .seconds(15)) -> ReadinessCheck {
        let passed = Passed()
        return ReadinessCheck("\(role.rawValue).schema") {
            if let last = passed.last.withLock({ $0 }), ContinuousClock.now - last < memory { return }
            try await run()
            passed.last.withLock { $0 = ContinuousClock.now }
        }
    }

    private final class Passed: Sendable {
        let last = Mutex<ContinuousClock.Instant?>(nil)
    }
}
