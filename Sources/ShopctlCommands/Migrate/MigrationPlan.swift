import Events
import Hosting
import Logging
import Migrator
import Postgres

/// What is to be migrated: some roles' databases, and the broker's part of them.
struct MigrationPlan: Sendable {
    let roles: [Role]
    let configuration: ShopConfiguration
    var createDatabases = false
    /// Leaves the broker alone.
    var databasesOnly = false

    /// A runner of a role's migrations.
    func runner(_ role: Role) throws -> MigrationRunner {
        MigrationRunner(
            configuration: try configuration.database(of: role, among: Set(roles)),
            migrations: try MigrationSet.for(role.rawValue), createDatabase: createDatabases,
            logger: .command("migrate"))
    }

    /// The topology of the roles, and who sees to it; nil if the broker is none of the plan's business.
    func topology() throws -> (topology: Topology, migrator: TopologyMigrator)? {
        let topology = Topology.shop.of(Set(roles))
        guard !databasesOnly, !topology.services.isEmpty else { return nil }
        let broker = try configuration.broker(name: "shopctl-migrate")
        return (topology, TopologyMigrator(configuration: broker, logger: .command("migrate")))
    }

    /// Applies what is pending and declares the topology.
    func up() async throws -> MigrationOutcome {
        // All settings are read before anything is changed.
        let runners = try roles.map(runner)
        let broker = try topology()
        var outcome = MigrationOutcome()
        for runner in runners { outcome.databases.append(try await runner.up()) }
        if let broker { outcome.topology = try await broker.migrator.declare(broker.topology) }
        return outcome
    }

    /// Looks at everything and changes nothing.
    func status() async throws -> MigrationStanding {
        var standing = MigrationStanding()
        for role in roles {
            do {
                standing.databases.append(.there(try await runner(role).status()))
            } catch let error as MigrationError {
                guard case .databaseMissing(let database) = error else { throw error }
                let latest = try MigrationSet.for(role.rawValue).latest
                standing.databases.append(.missing(role: role.rawValue, database: database, latest: latest))
            }
        }
        if let broker = try topology() { standing.topology = try await broker.migrator.status(broker.topology) }
        return standing
    }
}
