import Hosting
import Postgres

/// Something that must hold in one database, or across several, also while the shop is at work.
///
/// Within a database one statement sees one moment. Across databases what is settled is read first and what must follow
/// from it, or must have gone before it, afterwards: a deed under way is never taken for a fault.
struct Invariant: Sendable {
    /// The rows that one statement looks at, at most.
    static let limit = 20_000

    /// As in `ledger`.
    let name: String
    /// The roles whose databases it reads.
    let roles: [Role]
    let check: @Sendable (DoctorDatabases) async throws -> [DoctorFinding]

    static let all: [Invariant] =
        [ledgerSums, ledgerBalances, stock, overdueSagas, orderSagas, claims] + branches + [
            payments, payers, refunds, deliveries, notices, purchases,
        ]
}

/// The databases of the roles that have answered.
struct DoctorDatabases: Sendable {
    let clients: [Role: PostgresClient]
    /// The age up to which settled things are compared, in seconds.
    let window: Double

    func query(_ role: Role, _ query: PostgresQuery) async throws -> PostgresRows {
        guard let client = clients[role] else { throw CommandFailure(.bug, "no database of \(role.rawValue)") }
        return try await client.query(query)
    }

    /// Lends clients of those databases.
    static func with<Result: Sendable>(
        _ settings: [Role: PostgresConfiguration], window: Double,
        _ body: (DoctorDatabases) async throws -> Result
    ) async throws -> Result {
        let clients = settings.mapValues { PostgresClient(configuration: $0, logger: .command("doctor")) }
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(DoctorDatabases(clients: clients, window: window)))
        } catch {
            result = .failure(error)
        }
        for client in clients.values { await client.close() }
        return try result.get()
    }
}

extension DoctorFinding {
    /// A finding of an invariant, unless nothing shows it.
    static func shown(
        _ kind: String, _ role: Role, _ evidence: [String], next: String,
        _ text: (Int) -> String
    ) -> [DoctorFinding] {
        guard !evidence.isEmpty else { return [] }
        return [DoctorFinding(.critical(kind, role.rawValue, text(evidence.count), next: next), evidence: evidence)]
    }
}
