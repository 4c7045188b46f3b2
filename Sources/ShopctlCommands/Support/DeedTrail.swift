import Hosting
import Postgres

/// The audit trail of a role, for deeds on what belongs to no user and has no number: messages, keys.
struct DeedTrail: Sendable {
    private let client: PostgresClient
    private let reason: String?
    private let admin: Identity?

    /// Lends the trail of a role, once it is known that it can be written: what cannot be noted is not done.
    ///
    /// - Parameters:
    ///   - reason: Nil where nobody said.
    ///   - admin: The one who acts by the console; nil for an operator's command.
    static func writing<Result: Sendable>(
        of name: String, because reason: String?, by admin: Identity? = nil, _ configuration: ShopConfiguration,
        _ body: (DeedTrail) async throws -> Result
    ) async throws -> Result {
        try await configuration.withDatabase(of: name) { client in
            try await LocatedError.about("audit trail of \(name)") {
                try await AuditTrail.checkWritable(of: name, in: client)
            }
            return try await body(DeedTrail(client: client, reason: reason, admin: admin))
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
