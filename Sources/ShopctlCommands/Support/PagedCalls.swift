import FoundationEssentials
import Hosting

/// The pages of a role put together to the page that a list shows.
enum PagedCalls {
    /// The longest page that a role gives.
    static let longest = 200

    /// Asks for pages until there are enough items, or no more.
    ///
    /// - Parameters:
    ///   - cursor: Behind which to begin; empty for the beginning.
    ///   - fetch: Gives a page: its size and cursor go in; items, the next cursor and the number of all come out.
    static func gather<Item: Sendable>(
        _ limit: Int, from cursor: String,
        _ fetch: (_ size: Int64, _ cursor: String) async throws -> (items: [Item], next: String, total: Int64)
    ) async throws -> (items: [Item], next: String, total: Int64) {
        var items: [Item] = []
        var (next, total) = (cursor, Int64(0))
        repeat {
            let page = try await fetch(Int64(min(longest, limit - items.count)), next)
            items += page.items
            (next, total) = (page.next, page.total)
        } while items.count < limit && !next.isEmpty
        return (items, next, total)
    }
}

extension OperatorCaller {
    /// The page of a role's list that a command shows.
    ///
    /// - Parameter fetch: Gives a page of the role's.
    func page<Item: Sendable>(
        _ limit: Int, from cursor: String, of list: PagedList,
        _ fetch: (_ peers: Peers, _ size: Int64, _ cursor: String) async throws -> (
            items: [Item], next: String, total: Int64
        )
    ) async throws -> (items: [Item], page: Page) {
        let found = try await calling { peers in
            try await PagedCalls.gather(limit, from: cursor) { try await fetch(peers, $0, $1) }
        }
        return (found.items, Page(count: found.items.count, total: found.total, of: list, inner: found.next))
    }
}

extension PageCursor {
    /// The cursor of a role, with the list that it is of.
    init(of list: PagedList, inner: String) {
        self.init(of: list, key: 0, id: inner)
    }
}

extension ListOptions {
    /// The role's cursor behind which the page begins; empty for the beginning.
    func innerCursor(of list: PagedList) throws -> String {
        try cursor.map { try PageCursor($0, of: list).id } ?? ""
    }

    /// The first moment, in microseconds since 1970; nil for no bound.
    func sinceMicroseconds(_ now: Date) -> Int64? { since.map { Self.microseconds($0.date(now: now)) } }

    /// The first moment that is too late.
    func untilMicroseconds(_ now: Date) -> Int64? { until.map { Self.microseconds($0.date(now: now)) } }

    private static func microseconds(_ date: Date) -> Int64 {
        Int64((date.timeIntervalSince1970 * 1_000_000).rounded())
    }
}

extension Page {
    /// A page of a role's list.
    init(count: Int, total: Int64, of list: PagedList, inner next: String) {
        self.init(
            count: count, total: total, next: next.isEmpty ? nil : PageCursor(of: list, inner: next).text)
    }
}
