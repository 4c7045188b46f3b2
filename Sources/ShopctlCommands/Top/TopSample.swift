import Hosting
import Logging
import Postgres

/// A status with what changes: the orders of the last minute, and how long the steps of sagas take.
struct TopSample: Sendable {
    /// A step of sagas that were begun within the last five minutes, and of all that are not over.
    struct Step: Sendable, Equatable {
        let saga: String
        let participant: String
        /// `try` until its vote has arrived, `decision` until it has reported that it carried it out.
        let step: String
        /// The number of those that are over.
        let count: Int64
        /// Seconds; nil while none is over.
        let median: Double?
        let slow: Double?
        let longest: Double?
        /// The number of those that are not answered yet.
        let outstanding: Int64
        /// The seconds for which the oldest of them has waited; nil if there is none.
        let outstandingFor: Double?

        /// The seconds by which it is a slow one.
        var slowness: Double { max(slow ?? 0, outstandingFor ?? 0) }
    }

    /// The seconds that one figure of a series stands for, and their number.
    static let bucket = 2
    static let buckets = 30

    let status: ShopStatus
    /// Orders placed and decided, the oldest first; empty if they could not be asked for.
    var placed: [Int] = []
    var decided: [Int] = []
    /// The slowest first.
    var steps: [Step] = []

    static func take(_ sources: StatusSources, _ context: CommandContext) async -> TopSample {
        var sample = TopSample(status: await sources.look(at: context.now()))
        for database in sample.status.databases where SagaSources.coordinators.contains(database.role) {
            guard database.answer.value?.sagas != nil,
                let settings = try? sources.configuration.database(of: database.role, among: Set(Role.allCases))
            else { continue }
            // What cannot be asked is left out: the status tells why.
            let found = try? await SagaSources.withClient(settings) { client in
                let steps = try await steps(client)
                guard database.role == .orders else { return (steps, [Int](), [Int]()) }
                return (steps, try await series("started_at", client), try await series("decided_at", client))
            }
            guard let found else { continue }
            sample.steps += found.0
            if database.role == .orders { (sample.placed, sample.decided) = (found.1, found.2) }
        }
        sample.steps.sort { $0.slowness > $1.slowness }
        return sample
    }

    private static func series(_ column: String, _ database: PostgresClient) async throws -> [Int] {
        let rows = try await database.query(
            """
            SELECT floor(extract(epoch FROM now() - \(unescaped: column)) / \(Int64(bucket)))::bigint, count(*) FROM sagas
            WHERE name = 'order-placement' AND \(unescaped: column) > now() - make_interval(secs => 60)
            GROUP BY 1
            """)
        var figures = [Int](repeating: 0, count: buckets)
        for (age, count) in try rows.decode((Int64, Int64).self) where (0..<Int64(buckets)).contains(age) {
            figures[buckets - 1 - Int(age)] = Int(count)
        }
        return figures
    }

    /// The steps of sagas in SQL: the saga is `s`, its participant `p`, and a step lasts from `since` until `until`.
    static let stepTimes = """
        sagas s JOIN saga_participants p ON p.saga_id = s.id
        CROSS JOIN LATERAL (
            VALUES ('try', s.started_at, p.voted_at), ('decision', s.decided_at, p.done_at)
        ) AS t (step, since, until)
        """

    private static func steps(_ database: PostgresClient) async throws -> [Step] {
        let rows = try await database.query(
            """
            SELECT name, participant, step, count(took), percentile_cont(0.5) WITHIN GROUP (ORDER BY took),
                percentile_cont(0.95) WITHIN GROUP (ORDER BY took), max(took), count(waited), max(waited)
            FROM (
                SELECT s.name, p.participant, step,
                    CASE WHEN s.started_at > now() - interval '5 minutes'
                        THEN extract(epoch FROM until - since)::float8 END AS took,
                    CASE WHEN until IS NULL THEN greatest(extract(epoch FROM now() - since), 0)::float8 END AS waited
                FROM \(unescaped: stepTimes)
                WHERE (s.started_at > now() - interval '5 minutes' OR s.finished_at IS NULL) AND since IS NOT NULL
                    AND (until IS NOT NULL OR s.finished_at IS NULL AND (step = 'decision' OR s.phase = 'trying'))
            ) AS steps
            GROUP BY name, participant, step HAVING count(took) + count(waited) > 0
            """)
        return try rows.decode(
            (String, String, String, Int64, Double?, Double?, Double?, Int64, Double?).self
        ).map {
            Step(
                saga: $0.0, participant: $0.1, step: $0.2, count: $0.3, median: $0.4, slow: $0.5, longest: $0.6,
                outstanding: $0.7, outstandingFor: $0.8)
        }
    }
}
