import Events
import FoundationEssentials
import Hosting
import Postgres
import Sagas

/// A part of the sagas, in the order of their start.
struct SagaSelection: Sendable {
    var filter = SagaFilter.open
    /// As in `order-placement`; nil for all.
    var name: String?
    /// Whether it leaves those out that are decided.
    var isUndecided = false
    /// Whether it leaves those out that are not.
    var isDecided = false
    /// Only those that are not over, and have made no progress for so long.
    var stuckFor: Duration?
    /// Only those that wait for such a step.
    var step: SagaStepFilter?
    /// Only those whose reason has this in it, in any case.
    var reason: String?
    /// The reason why messages of sagas have failed last, which is a reason, too.
    var errors: [UUID: String] = [:]
    /// The reasons why services cannot answer, which are reasons of those sagas that wait for them.
    var troubles: [String: String] = [:]
    /// Bounds of their start: the first moment, and the first that is too late; nil for no bound.
    var since: Date?
    var until: Date?
    /// The last saga of the page before; nil for the first page.
    var after: PageCursor?
    var isAscending = false

    /// The ids of a page at one coordinator, and the number of all that are selected there.
    ///
    /// - Parameter limit: Nil for all on one page.
    func ids(
        limit: Int?, _ reader: SagaReader, in database: PostgresClient
    ) async throws -> (ids: [UUID], total: Int64) {
        let order = isAscending ? "ASC" : "DESC"
        let end = limit.map { "LIMIT \($0)" } ?? ""
        let place = after.flatMap { cursor in UUID(uuidString: cursor.id).map { (at: cursor.date, id: $0) } }
        let results = try await database.batch([
            query("id", "ORDER BY started_at \(order), id \(order) \(end)", behind: place, reader),
            query("count(*)", "", reader),
        ])
        return (try results[0].decode((UUID).self), try results[1].decode((Int64).self).first ?? 0)
    }

    /// The selected sagas of one coordinator, counted by everything that they can be grouped by.
    func groups(_ reader: SagaReader, in database: PostgresClient) async throws -> [SagaGroup] {
        let rows = try await database.query(
            query(
                """
                phase, coalesce(failed.error, troubled.error, refusal ->> 'code') AS reason, \(SagaReader.awaited) AS awaited, count(*),
                count(*) FILTER (WHERE \(reader.condition(.stuck))), min(started_at)
                """, "GROUP BY 1, 2, 3", reader))
        return try rows.decode((String, String?, String?, Int64, Int64, Date).self).map { row in
            let phase = try SagaState.Phase(stored: row.0, of: "phase of a saga")
            let names = row.2?.split(separator: ",").map(String.init) ?? []
            let steps = phase.request.map { kind in names.map { "\(SagaStep(kind, of: $0))" } } ?? []
            let missing = steps.isEmpty ? nil : SagaRecord.awaited(of: names, phase)
            return SagaGroup(
                key: .init(
                    state: phase.rawValue, reason: row.1 ?? missing,
                    step: steps.isEmpty ? nil : steps.joined(separator: "+")),
                count: row.3, stuck: row.4, oldestAt: row.5)
        }
    }

    private func query(
        _ columns: String, _ end: String, behind place: (at: Date, id: UUID)? = nil, _ reader: SagaReader
    ) -> PostgresQuery {
        let unmoved = stuckFor.map { reader.condition(unmovedFor: $0) } ?? "true"
        let (phase, participant) = (step?.kind?.phase?.rawValue, step?.participant)
        let failed = errors.sorted { $0.key < $1.key }
        let troubled = troubles.sorted { $0.key < $1.key }
        return """
            SELECT \(unescaped: columns) FROM sagas
            LEFT JOIN unnest(\(failed.map(\.key))::uuid[], \(failed.map(\.value))::text[]) AS failed (saga_id, error)
                ON failed.saga_id = sagas.id AND sagas.finished_at IS NULL
            LEFT JOIN LATERAL (
                SELECT error FROM unnest(\(troubled.map(\.key))::text[], \(troubled.map(\.value))::text[])
                    AS t (service, error)
                WHERE sagas.finished_at IS NULL
                    AND service = ANY(string_to_array(\(unescaped: SagaReader.awaited), ','))
                ORDER BY service LIMIT 1
            ) AS troubled ON true
            WHERE \(unescaped: reader.condition(filter)) AND \(unescaped: unmoved)
                AND (NOT \(isUndecided)::boolean OR phase = 'trying')
                AND (NOT \(isDecided)::boolean OR phase <> 'trying')
                AND (\(name)::text IS NULL OR name = \(name)::text)
                AND (\(phase)::text IS NULL OR phase = \(phase)::text)
                AND (\(participant)::text IS NULL
                    OR \(participant)::text = ANY(string_to_array(\(unescaped: SagaReader.awaited), ',')))
                AND (\(reason)::text IS NULL OR strpos(
                    lower(concat_ws(' ', coalesce(failed.error, troubled.error), refusal ->> 'code', refusal ->> 'message')),
                    lower(\(reason)::text)) > 0)
                AND (\(since)::timestamptz IS NULL OR started_at >= \(since)::timestamptz)
                AND (\(until)::timestamptz IS NULL OR started_at < \(until)::timestamptz)
                AND (\(place?.at)::timestamptz IS NULL OR (started_at, id) \(unescaped: isAscending ? ">" : "<")
                    (\(place?.at)::timestamptz, \(place?.id)::uuid))
            \(unescaped: end)
            """
    }
}

extension SagaRecord {
    func cursor(of list: PagedList) -> PageCursor {
        PageCursor(of: list, at: startedAt, id: id.uuidString.lowercased())
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
        of selection: SagaSelection, _ coordinators: [Role], limit: Int?, _ context: CommandContext
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
            sagas: Array(sagas.prefix(limit ?? sagas.count)), total: parts.reduce(0) { $0 + $1.total },
            isComplete: isComplete)
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
