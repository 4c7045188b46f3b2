import Events
import Hosting
import Logging
import Migrator
import Postgres

/// The things to be migrated: some roles' databases, and the broker's part of them.
struct MigrationPlan: Sendable {
    let roles: [Role]
    let configuration: ShopConfiguration
    var createDatabases = false
    /// Leaves the broker alone.
    var databasesOnly = false
    /// A folder of golang-migrate's files; nil for this binary's own migrations.
    var folder: String?
    /// Tells people that another migrator is waited for.
    var note: (@Sendable (String) -> Void)?

    /// A role's migrations.
    func migrations(_ role: Role) throws -> MigrationSet {
        guard let folder else { return try MigrationSet.for(role.rawValue) }
        return try MigrationFolder(path: folder).set(role: role.rawValue)
    }

    /// A runner of a role's migrations.
    func runner(_ role: Role) throws -> MigrationRunner {
        var runner = MigrationRunner(
            configuration: try configuration.database(of: role, among: Set(roles)),
            migrations: try migrations(role), createDatabase: createDatabases, author: .process,
            logger: .command("migrate"))
        let database = runner.database
        runner.onLongWait = { [note] holder in
            let who = holder.map { "which is held by \($0)" } ?? "whose holder has just gone"
            let text = "waiting for the migration lock of database '\(database)', \(who)"
            TimeLimit.awaited?.set(text, hint: "shopctl migrate locks --role \(role.rawValue)")
            note?(text)
        }
        return runner
    }

    /// The topology of the roles, and who sees to it; nil if the broker is none of the plan's business.
    func topology() throws -> (topology: Topology, migrator: TopologyMigrator)? {
        let topology = Topology.shop.of(Set(roles))
        guard !databasesOnly, folder == nil, !topology.services.isEmpty else { return nil }
        let broker = try configuration.broker(name: "shopctl-migrate")
        return (topology, TopologyMigrator(configuration: broker, logger: .command("migrate")))
    }

    /// Applies what is pending and declares the topology; what fails does not keep the rest from being done.
    ///
    /// - Parameter isDryRun: Whether only the databases' checks are made.
    func up(_ target: MigrationTarget = .end, isDryRun: Bool = false) async throws -> MigrationOutcome {
        // All settings are read before anything is changed.
        let runners = try roles.map { (role: $0, runner: try runner($0)) }
        let broker = try topology()
        for (_, runner) in runners { try runner.check(target) }
        var outcome = MigrationOutcome()
        for (role, runner) in runners {
            let report = try await outcome.failures.noting(role.rawValue, at: runner.place) {
                try await runner.up(target, isDryRun: isDryRun)
            }
            if let report { outcome.databases.append(report) }
        }
        // A count or version is for one database: where that cannot be, nothing else is done.
        if let broker, target == .end || outcome.failures.isEmpty {
            try await declare(broker.topology, broker.migrator, &outcome)
        }
        return outcome
    }

    /// Looks at everything and changes nothing.
    func status() async throws -> MigrationStanding {
        let runners = try roles.map { (role: $0, runner: try runner($0)) }
        let broker = try topology()
        var standing = MigrationStanding()
        for (role, runner) in runners {
            let latest = try migrations(role).latest
            let name = runner.database
            let found = try await standing.failures.noting(role.rawValue, at: runner.place) {
                () -> MigrationStanding.Database in
                do {
                    return .there(try await runner.status())
                } catch let error as MigrationError {
                    guard case .databaseMissing(let database) = error else { throw error }
                    return .missing(role: role.rawValue, database: database, latest: latest)
                }
            }
            let reason = standing.failures.all.last.map { MigrationFailures.text(of: $0.error) } ?? "it cannot be asked"
            standing.databases.append(
                found ?? .unknown(role: role.rawValue, database: name, latest: latest, reason: reason))
        }
        if let broker {
            standing.topology = try await standing.failures.noting("broker") {
                try await broker.migrator.status(broker.topology)
            }
        }
        return standing
    }
}
