import FoundationEssentials
import Hosting
import Postgres

/// Things of a kind of which every role has its own in its database, put together to one list in order of time.
struct RoleLists<Item: Sendable>: Sendable {
    /// The place of a thing in its role's list.
    typealias Place = (at: Date, id: Int64)

    /// A thing, and the role that has it.
    struct Entry: Sendable {
        let role: Role
        let item: Item
        let place: Place
    }

    /// The facts that could be found out.
    struct Answer: Sendable {
        /// In the order that was asked for.
        var entries: [Entry] = []
        /// The number of things on all pages.
        var total: Int64 = 0
        /// The roles whose things could not be read, with the reasons.
        var unasked: [(role: Role, reason: String)] = []
    }

    let configuration: ShopConfiguration
    let roles: [Role]
    /// As in `outbox`.
    let name: String
    let place: @Sendable (Item) -> Place

    /// Asks every role whose database is configured. What is of the same moment is in the order of the roles' names.
    ///
    /// - Parameters:
    ///   - after: The last thing of the page before; nil for the first page.
    ///   - read: Reads a role's things behind a place, so many at most, and the number of all.
    /// - Throws: `ConfigurationError` if none is; `PostgresConfigurationError` for a URL that cannot be used;
    ///   `PostgresError` if none can be asked.
    func entries(
        after: PageCursor?, isAscending: Bool, limit: Int,
        _ read: (PostgresClient, Place?) async throws -> (items: [Item], total: Int64)
    ) async throws -> Answer {
        var answer = Answer()
        var failure: (any Error)?
        var asked = 0
        for role in roles {
            do {
                let settings = try configuration.database(of: role, among: Set(Role.allCases))
                let bound = after.map { (at: $0.date, id: Self.bound(of: role, $0)) }
                let found = try await SagaSources.withClient(settings) { try await read($0, bound) }
                answer.entries += found.items.map { Entry(role: role, item: $0, place: place($0)) }
                answer.total += found.total
                asked += 1
            } catch let error as PostgresError {
                answer.unasked.append((role, error.message))
                // A database that is away says more than settings that are not there.
                failure = LocatedError(object: "\(name) of \(role.rawValue)", cause: error)
            } catch let error as ConfigurationError {
                if failure == nil { failure = error }
            }
        }
        if asked == 0, let failure { throw failure }
        answer.entries.sort { one, other in
            let (first, second) = isAscending ? (one, other) : (other, one)
            if first.place.at != second.place.at { return first.place.at < second.place.at }
            if first.role != second.role { return first.role.rawValue < second.role.rawValue }
            return first.place.id < second.place.id
        }
        answer.entries = Array(answer.entries.prefix(limit))
        return answer
    }

    /// The id behind which a role's things of the cursor's own moment begin.
    private static func bound(of role: Role, _ cursor: PageCursor) -> Int64 {
        if role.rawValue == cursor.source { return Int64(cursor.id) ?? 0 }
        // In either direction: of the roles behind the cursor's all of that moment, of the others none.
        return role.rawValue > cursor.source ? 0 : .max
    }
}

extension RoleLists.Answer {
    /// The page, if one thing more than it has was asked for.
    func page(_ limit: Int, of list: PagedList) -> (entries: [RoleLists.Entry], page: Page) {
        let shown = Array(entries.prefix(limit))
        let last = entries.count > shown.count ? shown.last : nil
        let next = last.map {
            PageCursor(of: list, at: $0.place.at, source: $0.role.rawValue, id: String($0.place.id)).text
        }
        return (shown, Page(count: shown.count, total: total, next: next))
    }

    /// Tells whose could not be read, with the exit status of a list that is not whole.
    func finish(_ context: CommandContext) throws {
        for item in unasked { context.warn("not asked: \(item.role.rawValue): \(item.reason)") }
        guard unasked.isEmpty else {
            throw CommandFailure.notAllAsked(unasked.map(\.role.rawValue))
        }
    }
}
