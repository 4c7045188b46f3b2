import FoundationEssentials
import Hosting
import Logging
import Migrator
import Postgres
import Sagas

/// A role's database: its schema, and what waits in it.
struct DatabaseStatus: Sendable {
    struct Contents: Sendable {
        let standing: MigrationStanding.Database
        /// Nil for a role without an outbox, and for a schema that has none yet.
        var outbox: OutboxLag?
        /// Nil for a role that coordinates no sagas.
        var sagas: SagaStanding?
        /// Nil for a role without an outbox, and for a schema that has no trail yet.
        var trail: LostEvents.Trail?
    }

    let role: Role
    let answer: StatusAnswer<Contents>
    /// The word for programs.
    var word: String {
        let standing = answer.value?.standing
        if standing?.exists == false { return "missing" }
        return standing?.readOnlyReason != nil ? "read_only" : answer.word
    }
    /// The reason why it does not answer, or takes no writes; nil for neither.
    var reason: String? { answer.reason ?? answer.value?.standing.readOnlyReason }
    /// `host:port` of its server; nil if nothing says where it is.
    var place: String?
    /// The key of the setting that says so.
    var setting = "database.url"

    /// Asks a role's database.
    ///
    /// - Parameter local: The roles of a process whose settings these are; empty for a command's.
    static func ask(
        _ role: Role, _ configuration: ShopConfiguration, local: Set<Role> = []
    ) async -> DatabaseStatus {
        let isOwn = configuration.isSet("\(role.rawValue).database.url")
        var isSet = isOwn || configuration.isSet("database.url")
        // One URL without a place for the role's name is no role's own.
        var roles = Set(Role.allCases)
        if !local.isEmpty, !isOwn, configuration.hasOneDatabase {
            // A server's is that of its roles.
            isSet = isSet && local.contains(role)
            roles = local
        }
        let place = isSet ? try? configuration.database(of: role, among: roles).place : nil
        return DatabaseStatus(
            role: role,
            answer: await .asking(isSet: isSet) { [roles] in try await contents(role, roles, configuration) },
            place: place, setting: isOwn ? "\(role.rawValue).database.url" : "database.url")
    }

    private static func contents(
        _ role: Role, _ roles: Set<Role>, _ configuration: ShopConfiguration
    ) async throws -> Contents {
        let settings = try configuration.database(of: role, among: roles)
        let plan = MigrationPlan(roles: [role], configuration: configuration, databasesOnly: true)
        let standing = try await plan.status()
        if let failure = standing.failures.all.first { throw failure.error }
        guard let database = standing.databases.first else {
            throw CommandFailure(.bug, "the migrations of \(role.rawValue) tell nothing")
        }
        var contents = Contents(standing: database)
        guard database.exists == true else { return contents }
        let client = PostgresClient(configuration: settings, logger: .command("status"))
        let result: Result<(OutboxLag?, SagaStanding?, LostEvents.Trail?), any Error>
        do {
            let reader = SagaReader(
                coordinator: role.rawValue, database: client, stuckAfter: configuration.sagaStuckAfter)
            let outbox = try await role == .gateway ? nil : OutboxLag.look(at: client)
            let sagas = try await SagaSources.coordinators.contains(role) ? reader.standing() : nil
            let trail = try await role == .gateway ? nil : LostEvents.Trail.read(role.rawValue, client)
            result = .success((outbox, sagas, trail))
        } catch let error as PostgresError where error.isOfOlderSchema && database.pending != 0 {
            // The pending migrations are told.
            result = .success((nil, nil, nil))
        } catch {
            result = .failure(error)
        }
        await client.close()
        (contents.outbox, contents.sagas, contents.trail) = try result.get()
        return contents
    }
}

extension ShopConfiguration {
    /// Whether the URL for all roles has no place for their names.
    fileprivate var hasOneDatabase: Bool {
        Setting.named("database.url").flatMap { self[$0] }.map { !$0.contains("{role}") } ?? false
    }
}

extension PostgresError {
    /// Whether a statement asks for what a later migration brings.
    fileprivate var isOfOlderSchema: Bool { sqlState == .undefinedTable || sqlState == .undefinedColumn }
}

extension MigrationStanding.Database {
    /// The process that holds the migration lock; nil for none.
    var lockHolder: DatabaseSession? {
        guard case .there(let status) = self else { return nil }
        return status.anomalies.lazy.compactMap { if case .locked(let holder) = $0 { holder } else { nil } }.first
    }
}
