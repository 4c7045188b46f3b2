import Events
import Hosting
import Postgres

/// The outboxes of all services.
struct OutboxSources: Sendable {
    /// A message, and the service whose outbox it is in.
    struct Entry: Sendable {
        let role: Role
        let message: OutboxEntry

        func cursor(_ sort: String) -> PageCursor {
            PageCursor(sort: sort, at: message.createdAt, source: role.rawValue, id: String(message.id))
        }
    }

    /// The facts that could be found out.
    struct Answer: Sendable {
        /// In the order that was asked for.
        var entries: [Entry] = []
        /// The number of messages on all pages.
        var total: Int64 = 0
        /// Whose outbox could not be read, and why.
        var unasked: [(role: Role, reason: String)] = []
    }

    let configuration: ShopConfiguration
    let roles: [Role]

    /// Asks every role whose database is configured. What was written at the same moment is in the order of the roles'
    /// names.
    ///
    /// - Parameter after: The last message of the page before; nil for the first page.
    /// - Throws: `ConfigurationError` if none is; `PostgresError` if none can be asked.
    func entries(_ selection: OutboxEntry.Selection, after: PageCursor?, limit: Int) async throws -> Answer {
        var answer = Answer()
        var failure: (any Error)?
        var asked = 0
        for role in roles {
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
                failure = LocatedError(object: "outbox of \(role.rawValue)", cause: error)
            } catch let error as ConfigurationError {
                if failure == nil { failure = error }
            }
        }
        if asked == 0, let failure { throw failure }
        let isAscending = selection.isAscending
        answer.entries.sort { one, other in
            let (first, second) = isAscending ? (one, other) : (other, one)
            if first.message.createdAt != second.message.createdAt {
                return first.message.createdAt < second.message.createdAt
            }
            if first.role != second.role { return first.role.rawValue < second.role.rawValue }
            return first.message.id < second.message.id
        }
        answer.entries = Array(answer.entries.prefix(limit))
        return answer
    }

    /// The id behind which a role's messages of the cursor's own moment begin.
    private static func bound(of role: Role, _ cursor: PageCursor) -> Int64 {
        if role.rawValue == cursor.source { return Int64(cursor.id) ?? 0 }
        // In either direction: of the roles behind the cursor's all of that moment, of the others none.
        return role.rawValue > cursor.source ? 0 : .max
    }

    private static func entries(
        of role: Role, _ settings: PostgresConfiguration, _ selection: OutboxEntry.Selection, limit: Int
    ) async throws -> (entries: [Entry], total: Int64) {
        let client = PostgresClient(configuration: settings, logger: .command("outbox"))
        do {
            let entries = try await OutboxEntry.entries(selection, limit: limit, in: client)
            let total = try await OutboxEntry.count(selection, in: client)
            await client.close()
            return (entries.map { Entry(role: role, message: $0) }, total)
        } catch {
            await client.close()
            throw error
        }
    }
}
