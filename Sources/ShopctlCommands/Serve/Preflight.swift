import Events
import Hosting
import Logging
import Migrator
import RabbitMQ
import Telemetry

/// The checks before roles are run: schema and topology. Something that is missing ends the start with a
/// word on how to make it; something that is merely away does not, since it may come back.
struct Preflight: Sendable {
    let configuration: ShopConfiguration
    let roles: Set<Role>
    let logger: Logger

    /// - Throws: ``CommandFailure``
    func run() async throws {
        let schemas = Role.allCases.filter(roles.contains).map { role in
            { @Sendable in try await schema(role) }
        }
        try await Self.run(schemas + [{ try await topology() }])
    }

    /// Makes all checks at once. Of several that fail the first of the list is told, whichever ends first: databases
    /// come before the broker, since what is wrong with them is often why the broker lacks something too.
    static func run(_ checks: [@Sendable () async throws -> Void]) async throws {
        let failures = await withTaskGroup(of: (place: Int, error: any Error)?.self) { group in
            for (place, check) in checks.enumerated() {
                group.addTask {
                    do {
                        try await check()
                        return nil
                    } catch {
                        return (place, error)
                    }
                }
            }
            var failures: [(place: Int, error: any Error)] = []
            for await case let failure? in group { failures.append(failure) }
            return failures
        }
        if let first = failures.min(by: { $0.place < $1.place }) { throw first.error }
    }

    private func schema(_ role: Role) async throws {
        do {
            try await SchemaCheck(role: role, configuration: configuration, roles: roles, logger: logger).run()
        } catch MigrationError.database(let database, let cause) {
            logger.warning(
                "a database is away; the role becomes ready when it is back",
                [.role: "\(role.rawValue)", .database: "\(database)", .error: "\(cause)"])
        }
    }

    private func topology() async throws {
        let topology = Topology.shop.of(roles)
        guard !topology.services.isEmpty else { return }
        let broker = try configuration.broker(name: "shopctl-serve", connectTimeout: .seconds(2))
        do {
            let missing = try await TopologyMigrator(configuration: broker, logger: logger).status(topology).missing
            guard missing.isEmpty else { throw CommandFailure.missingQueues(missing) }
        } catch let error as TopologyError {
            logger.warning(
                "the broker is away; messages wait in the outbox until it is back",
                [.address: "\(broker.redacted)", .error: "\(error)"])
        }
    }
}

extension CommandFailure: CustomStringConvertible {
    /// The broker runs, but not all that the shop needs is declared on it.
    static func missingQueues(_ names: [String]) -> CommandFailure {
        CommandFailure(
            .badData, "the broker lacks \(names.joined(separator: ", "))", hint: "shopctl migrate up")
    }

    var description: String {
        [message, hint.map { "try: \($0)" }].compactMap { $0 }.joined(separator: "; ")
    }
}
