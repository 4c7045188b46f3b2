import Hosting
import Postgres

/// The audit trail of a service, for deeds on messages: these belong to no user, and have no number.
struct MessageAudit: Sendable {
    private let client: PostgresClient
    private let reason: String?
    private let admin: Identity?

    /// Lends the trail of a service, once it is known that it can be written: what cannot be noted is not done.
    ///
    /// - Parameters:
    ///   - reason: Nil where nobody said.
    ///   - admin: The one who acts by the console; nil for an operator's command.
    static func writing<Result: Sendable>(
        of service: String, because reason: String?, by admin: Identity? = nil, _ configuration: ShopConfiguration,
        _ body: (MessageAudit) async throws -> Result
    ) async throws -> Result {
        guard let role = Role(rawValue: service) else {
            throw CommandFailure(.notFound, "there is no role \(service)")
        }
        let database = try configuration.database(of: role, among: Set(Role.allCases))
        return try await SagaSources.withClient(database) { client in
            try await LocatedError.about("audit trail of \(service)") {
                try await AuditTrail.checkWritable(of: service, in: client)
            }
            return try await body(MessageAudit(client: client, reason: reason, admin: admin))
        }
    }

    /// Notes a deed, before it is done.
    func note(_ action: String) async throws {
        try await client.transaction { transaction in
            try await AuditTrail.noteOperator(
                Printable.line(action), because: reason, userID: 0, subjectID: 0, by: admin, in: transaction)
        }
    }
}
