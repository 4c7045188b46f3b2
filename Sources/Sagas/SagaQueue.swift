import Metrics
import Postgres

/// The sagas of one name that wait for their decision, as the coordinator's database has them.
///
/// The wait is that of those which no saga begun after them has passed: one passes when all its participants have
/// voted, whatever they voted. So a participant that stalls is seen, since then none passes any more, whoever else
/// votes; a saga that hangs for a reason of its own is not counted as soon as another gets by. One alone never is.
struct SagaQueue: Sendable {
    /// The number of those that are undecided; one more than the limit stands for any number.
    var count = 0
    /// Seconds since the second-oldest of those that none has passed was begun; 0 if there are not two.
    var wait = 0.0
    /// Seconds since the latest of them was begun.
    var sinceLast = 0.0

    /// - Throws: ``PostgresError``.
    static func look(at name: String, limit: Int, in database: PostgresClient) async throws -> SagaQueue {
        let rows = try await database.query(
            """
            WITH undecided AS (
                SELECT started_at FROM sagas WHERE finished_at IS NULL AND phase = 'trying' AND name = \(name)
                LIMIT \(Int64(limit) + 1)
            ), passing AS (
                SELECT started_at FROM sagas s
                WHERE name = \(name) AND phase <> 'trying'
                    AND NOT EXISTS (SELECT FROM jsonb_each(s.participants) p WHERE NOT p.value ? 'vote')
                ORDER BY started_at DESC LIMIT 1
            ), waiting AS (
                SELECT extract(epoch FROM clock_timestamp() - started_at)::float8 AS age FROM undecided
                WHERE started_at > coalesce((SELECT started_at FROM passing), '-infinity')
            )
            SELECT (SELECT count(*) FROM undecided),
                coalesce((SELECT age FROM waiting ORDER BY age DESC OFFSET 1 LIMIT 1), 0),
                coalesce((SELECT min(age) FROM waiting), 0)
            """)
        let (count, wait, sinceLast) = try rows.decode((Int64, Double, Double).self)[0]
        return SagaQueue(count: Int(count), wait: wait, sinceLast: sinceLast)
    }

    /// Records what was seen.
    func record(_ name: String) {
        Gauge(label: "shop_undecided_sagas", dimensions: [("saga", name)]).record(count)
        Gauge(label: "shop_saga_wait_seconds", dimensions: [("saga", name)]).record(wait)
    }
}
