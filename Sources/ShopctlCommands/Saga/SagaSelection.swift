import FoundationEssentials
import Hosting
import Postgres
import Sagas

/// A part of the sagas, in the order of their start.
struct SagaSelection: Sendable {
    var filter = SagaFilter.open
    /// As in `order-placement`; nil for all.
    var name: String?
    /// Bounds of their start: the first moment, and the first that is too late; nil for no bound.
    var since: Date?
    var until: Date?
    /// The last saga of the page before; nil for the first page.
    var after: PageCursor?
    var isAscending = false

    /// The ids of a page at one coordinator, and the number of all that are selected there.
    func ids(
        limit: Int, _ reader: SagaReader, in database: PostgresClient
    ) async throws -> (ids: [UUID], total: Int64) {
        let condition = reader.condition(filter)
        let comparison = isAscending ? ">" : "<"
        let order = isAscending ? "ASC" : "DESC"
        let place = after.flatMap { cursor in UUID(uuidString: cursor.id).map { (at: cursor.date, id: $0) } }
        let results = try await database.batch([
            """
            SELECT id FROM sagas
            WHERE \(unescaped: condition) AND (\(name)::text IS NULL OR name = \(name)::text)
                AND (\(since)::timestamptz IS NULL OR started_at >= \(since)::timestamptz)
                AND (\(until)::timestamptz IS NULL OR started_at < \(until)::timestamptz)
                AND (\(place?.at)::timestamptz IS NULL
                    OR (started_at, id) \(unescaped: comparison) (\(place?.at)::timestamptz, \(place?.id)::uuid))
            ORDER BY started_at \(unescaped: order), id \(unescaped: order) LIMIT \(Int64(limit))
            """,
            """
            SELECT count(*) FROM sagas
            WHERE \(unescaped: condition) AND (\(name)::text IS NULL OR name = \(name)::text)
                AND (\(since)::timestamptz IS NULL OR started_at >= \(since)::timestamptz)
                AND (\(until)::timestamptz IS NULL OR started_at < \(until)::timestamptz)
            """,
        ])
        return (try results[0].decode((UUID).self), try results[1].decode((Int64).self).first ?? 0)
    }
}

extension SagaRecord {
    func cursor(_ sort: String) -> PageCursor {
        PageCursor(sort: sort, at: startedAt, id: id.uuidString.lowercased())
    }
}

extension SagaSources {
    /// Sagas of several coordinators, as one list.
    struct SagaPage: Sendable {
        var sagas: [SagaRecord]
        /// The number of items on all pages.
        var total: Int64
        /// Whether all databases that are set have answered.
        var isComplete: Bool
    }

    /// A page of the sagas of all the coordinators.
    ///
    /// - Throws: The first error if none could be asked.
    func page(
        of selection: SagaSelection, _ coordinators: [Role], limit: Int, _ context: CommandContext
    ) async throws -> SagaPage {
        let (parts, isComplete) = try await all(coordinators, context) { reader, database in
            let (ids, total) = try await selection.ids(limit: limit, reader, in: database)
            return [(sagas: try await reader.sagas(ids), total: total)]
        }
        let isAscending = selection.isAscending
        let sagas = parts.flatMap(\.sagas).sorted { one, other in
            let (first, second) = isAscending ? (one, other) : (other, one)
            if first.startedAt != second.startedAt { return first.startedAt < second.startedAt }
            return first.id.uuidString < second.id.uuidString
        }
        return SagaPage(
            sagas: Array(sagas.prefix(limit)), total: parts.reduce(0) { $0 + $1.total }, isComplete: isComplete)
    }

    /// The saga whose id begins so; nil if there is none.
    ///
    /// - Throws: ``CommandFailure`` if there are several.
    static func saga(idPrefix prefix: String, in database: PostgresClient) async throws -> UUID? {
        let digits = prefix.lowercased().filter { $0 != "-" }
        let (low, high) = (Self.filled(digits, "0"), Self.filled(digits, "f"))
        let ids = try await database.query(
            "SELECT id FROM sagas WHERE id BETWEEN \(low)::uuid AND \(high)::uuid ORDER BY id LIMIT 2"
        ).decode((UUID).self)
        guard ids.count < 2 else {
            throw CommandFailure(
                .badData, "several sagas have an id that begins with \(prefix)", hint: "shopctl saga list -o wide")
        }
        return ids.first
    }

    private static func filled(_ digits: String, _ filler: Character) -> String {
        digits + String(repeating: filler, count: max(0, 32 - digits.count))
    }
}
