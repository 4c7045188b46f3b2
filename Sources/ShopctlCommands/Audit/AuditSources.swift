import Hosting
import Postgres

/// The audit trails of all roles.
struct AuditSources: Sendable {
    /// Something that was done, and the role whose things it was done to.
    struct Entry: Sendable {
        let role: Role
        let noted: AuditTrail.Entry

        func cursor(_ sort: String) -> PageCursor {
            PageCursor(sort: sort, at: noted.at, source: role.rawValue, id: String(noted.id))
        }
    }

    /// The facts that could be found out.
    struct Answer: Sendable {
        /// In the order that was asked for.
        var entries: [Entry] = []
        /// The number of items on all pages.
        var total: Int64 = 0
        /// Whose trail could not be read, and why.
        var unasked: [(role: Role, reason: String)] = []
    }

    let configuration: ShopConfiguration

    /// Asks every role whose database is configured. What was done at the same moment is in the order of the roles'
    /// names.
    ///
    /// - Parameter after: The last entry of the page before; nil for the first page.
    /// - Throws: `ConfigurationError` if none is; `PostgresConfigurationError` for a URL that cannot be used;
    ///   `PostgresError` if none can be asked.
    func entries(_ selection: AuditTrail.Selection, after: PageCursor?, limit: Int) async throws -> Answer {
        var answer = Answer()
        var failure: (any Error)?
        var asked = 0
        for role in Role.allCases {
            do {
                let settings = try configuration.database(of: role, among: Set(Role.allCases))
                var part = selection
                part.after = after.map { (at: $0.date, id: Self.bound(of: role, $0)) }
                let found = try await Self.entries(of: role, settings, part, limit: limit)
                answer.entries += found.entries
                answer.total += found.total
                asked += 1
            } catch let error as PostgresError {
                answer.unasked.append((role, error.message))
                // A database that is away says more than settings that are not there.
                failure = error
            } catch let error as ConfigurationError {
                if failure == nil { failure = error }
            }
        }
        if asked == 0, let failure { throw LocatedError(object: "audit trails", cause: failure) }
        let isAscending = selection.isAscending
        answer.entries.sort { one, other in
            let (first, second) = isAscending ? (one, other) : (other, one)
            if first.noted.at != second.noted.at { return first.noted.at < second.noted.at }
            if first.role != second.role { return first.role.rawValue < second.role.rawValue }
            return first.noted.id < second.noted.id
        }
        answer.entries = Array(answer.entries.prefix(limit))
        return answer
    }

    /// The id behind which a role's entries of the cursor's own moment begin.
    private static func bound(of role: Role, _ cursor: PageCursor) -> Int64 {
        if role.rawValue == cursor.source { return Int64(cursor.id) ?? 0 }
        // In either direction: of the roles behind the cursor's all of that moment, of the others none.
        return role.rawValue > cursor.source ? 0 : .max
    }

    private static func entries(
        of role: Role, _ settings: PostgresConfiguration, _ selection: AuditTrail.Selection, limit: Int
    ) async throws -> (entries: [Entry], total: Int64) {
        let client = PostgresClient(configuration: settings, logger: .command("audit"))
        do {
            let entries = try await AuditTrail.entries(selection, limit: limit, in: client)
            let total = try await AuditTrail.count(selection, in: client)
            await client.close()
            return (entries.map { Entry(role: role, noted: $0) }, total)
        } catch {
            await client.close()
            throw error
        }
    }
}
