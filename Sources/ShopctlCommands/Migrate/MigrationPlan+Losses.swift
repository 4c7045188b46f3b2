import Events
import Hosting
import Logging
import Migrator
import Postgres
import RabbitMQ
import Telemetry

extension MigrationPlan {
    /// Declares the topology, and notes in the services' audit trails what went past queues and bindings that were
    /// missing. A trail that cannot be written keeps nothing from being declared.
    ///
    /// - Parameter outcome: Tells which databases were reached, and takes what comes of it.
    func declare(_ topology: Topology, _ migrator: TopologyMigrator, _ outcome: inout MigrationOutcome) async throws {
        let reached = Set(outcome.databases.map(\.role))
        var unnoted = MigrationFailures()
        outcome.topology = try await outcome.failures.noting("broker") {
            var services: [ServiceTopology] = []
            for service in topology.services where reached.contains(service.service) {
                let mayLack = try await unnoted.noting("audit trail of \(service.service)") {
                    try await configuration.withDatabase(
                        of: service.service, among: roles, Self.hasHandledEvents)
                }
                if mayLack == true { services.append(service) }
            }
            return try await LostEvents.note(
                try await losses(services, migrator),
                by: { action, name in
                    _ = try await unnoted.noting("audit trail of \(name)") {
                        try await configuration.withDatabase(of: name, among: roles) {
                            try await AuditTrail.noteService(action, because: "declared by migrate up", in: $0)
                        }
                    }
                }
            ) { try await migrator.declare(topology) }
        }
        outcome.failures.add(unnoted)
    }

    /// The losses by queues that are missing and, as far as the management interface tells of them, by bindings.
    private func losses(
        _ services: [ServiceTopology], _ migrator: TopologyMigrator
    ) async throws -> [(role: String, loss: BindingLoss)] {
        guard !services.isEmpty else { return [] }
        let status = try await migrator.status(Topology(services: services))
        let there = Set(status.queues.filter { $0.messages != nil }.map(\.name) + status.retired.map(\.name))
        let snapshot = await snapshot()
        return services.flatMap { service in
            let bindings = (snapshot?.findings(about: service) ?? []).filter { $0.kind == "missing_binding" }
            let findings = service.missingQueues(there.contains) + bindings.filter { there.contains($0.queue) }
            return findings.flatMap(LostEvents.of).map { (service.service, $0) }
        }
    }

    /// The management interface's look at the broker; nil if none is set, or it cannot be had.
    private func snapshot() async -> BrokerSnapshot? {
        do {
            let broker = try configuration.broker(name: "shopctl-migrate")
            return try await configuration.management(virtualHost: broker.virtualHost)?.snapshot()
        } catch {
            Logger.command("migrate").warning(
                "bindings are made unseen: what was sent while one was missing is not noted",
                [.error: "\(Diagnosis(error).message ?? "\(error)")"])
            return nil
        }
    }

    /// Whether a service can lack events: one that has handled none yet is new, and so are its queues.
    private static func hasHandledEvents(_ database: PostgresClient) async throws -> Bool {
        do {
            return try await database.query("SELECT EXISTS (SELECT 1 FROM inbox)").decode((Bool).self) == [true]
        } catch let error as PostgresError where error.sqlState == .undefinedTable {
            return false
        }
    }
}
