import Hosting
import Postgres

/// The audit trails of all roles.
struct AuditSources: Sendable {
    /// Something that was done, and the role whose things it was done to.
    struct Entry: Sendable {
        let role: Role
        let noted: AuditTrail.Entry
    }

    /// What could be found out.
    struct Answer: Sendable {
        /// The latest first.
        var entries: [Entry] = []
        /// Whose trail could not be read, and why.
        var unasked: [(role: Role, reason: String)] = []
    }

    let configuration: ShopConfiguration

    /// Asks every role whose database is configured.
    ///
    /// - Throws: `ConfigurationError` if none is; `PostgresConfigurationError` for a URL that cannot be used;
    ///   `PostgresError` if none can be asked.
    func entries(userID: Int64?, limit: Int) async throws -> Answer {
        var answer = Answer()
        var failure: (any Error)?
        var asked = 0
        for role in Role.allCases {
            do {
                let settings = try configuration.database(
                    of: role, among: Set(Role.allCases))
                answer.entries += try await Self.entries(of: role, settings, userID: userID, limit: limit)
                asked += 1
            } catch let error as PostgresError {
                answer.unasked.append((role, error.message))
                // A database that is away says more than settings that are not there.
                failure = error
            } catch let error as ConfigurationError {
                if failure == nil { failure = error }
            }
        }
        if asked == 0, let failure { throw failure }
        answer.entries.sort { $0.noted.at > $1.noted.at }
        answer.entries = Array(answer.entries.prefix(limit))
        return answer
    }

    private static func entries(
        of role: Role, _ settings: PostgresConfiguration, userID: Int64?, limit: Int
    ) async throws -> [Entry] {
        let client = PostgresClient(configuration: settings, logger: .command("audit"))
        do {
            let entries = try await AuditTrail.entries(userID: userID, limit: limit, in: client)
            await client.close()
            return entries.map { Entry(role: role, noted: $0) }
        } catch {
            await client.close()
            throw error
        }
    }
}
