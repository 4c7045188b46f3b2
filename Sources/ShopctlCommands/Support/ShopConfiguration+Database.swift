import Hosting
import Postgres

extension ShopConfiguration {
    /// Lends a client of the database of a role, by its name.
    ///
    /// - Parameter roles: Those of which no two share a database by mistake.
    /// - Throws: ``CommandFailure`` if there is no such role; `ConfigurationError`; what `body` throws.
    func withDatabase<Result: Sendable>(
        of name: String, among roles: [Role] = Role.allCases, _ body: (PostgresClient) async throws -> Result
    ) async throws -> Result {
        guard let role = Role(rawValue: name) else { throw CommandFailure(.notFound, "there is no role \(name)") }
        return try await SagaSources.withClient(try database(of: role, among: Set(roles)), body)
    }
}
