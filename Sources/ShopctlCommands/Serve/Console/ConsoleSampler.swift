import FoundationEssentials
import Hosting
import Postgres

/// Adds to the console's history, from the databases of the roles that this process runs, by the connections that these
/// have anyway: nothing is opened for it.
actor ConsoleSampler {
    private let history: ConsoleHistory
    private let databases: [(role: Role, database: PostgresClient)]
    /// The beginning of the next span of each database.
    private var begins: [Role: Date] = [:]

    /// - Parameter databases: Those of coordinators.
    init(history: ConsoleHistory, databases: [Role: PostgresClient]) {
        self.history = history
        self.databases = Role.allCases.compactMap { role in databases[role].map { (role: role, database: $0) } }
    }

    /// Takes a sample.
    func sample() async {
        var sample = ConsoleHistory.Sample(at: Date(), seconds: ConsoleHistory.interval / .seconds(1))
        for (role, database) in databases {
            // What cannot be asked is missing, and the status tells why.
            guard let span = try? await SampledSpan.next(after: begins[role], in: database),
                let steps = try? await span.steps(in: database)
            else { continue }
            if role == .orders {
                guard let orders = try? await span.orders(in: database) else { continue }
                sample.orders = orders
                sample.seconds = span.seconds
            }
            sample.steps += steps
            begins[role] = span.end
        }
        history.add(sample)
    }
}

/// A span of time by a database's clock. It ends a moment ago: what is committed late has its place in it.
struct SampledSpan: Sendable {
    let begin: Date
    let end: Date

    var seconds: Double { max(0.001, end.timeIntervalSince(begin)) }

    /// - Parameter last: The end of the span before; nil for the first, which is of the last minute, as is one after a
    ///   longer time.
    static func next(after last: Date?, in database: PostgresClient) async throws -> SampledSpan? {
        let rows = try await database.query(
            """
            SELECT greatest(\(last)::timestamptz, now() - interval '62 seconds'), now() - interval '2 seconds'
            """)
        return try rows.decode((Date, Date).self).first.map { SampledSpan(begin: $0.0, end: $0.1) }
    }

    /// The orders that were placed and decided within it: of those placed within its last minutes.
    func orders(in database: PostgresClient) async throws -> ConsoleHistory.Orders {
        let rows = try await database.query(
            """
            SELECT count(*) FILTER (WHERE started_at > \(begin)::timestamptz),
                count(*) FILTER (WHERE is_decided AND phase IN ('confirming', 'confirmed')),
                count(*) FILTER (WHERE is_decided AND phase IN ('cancelling', 'cancelled')),
                (SELECT count(*) FROM sagas
                    WHERE finished_at IS NULL AND name = 'order-placement' AND phase = 'trying')
            FROM (
                SELECT started_at, phase,
                    decided_at > \(begin)::timestamptz AND decided_at <= \(end)::timestamptz AS is_decided
                FROM sagas
                WHERE name = 'order-placement' AND started_at > \(begin)::timestamptz - interval '5 minutes'
                    AND started_at <= \(end)::timestamptz
            ) AS begun
            """)
        let (placed, confirmed, rejected, undecided) = try rows.decode((Int64, Int64, Int64, Int64).self)[0]
        return ConsoleHistory.Orders(placed: placed, confirmed: confirmed, rejected: rejected, undecided: undecided)
    }

    /// The steps whose answers came within it, of sagas begun within the last minutes.
    func steps(in database: PostgresClient) async throws -> [ConsoleHistory.Step] {
        let rows = try await database.query(
            """
            SELECT name, participant, step, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY took),
                percentile_cont(0.95) WITHIN GROUP (ORDER BY took)
            FROM (
                SELECT s.name, p.participant, step, extract(epoch FROM until - since)::float8 AS took
                FROM \(unescaped: TopSample.stepTimes)
                WHERE s.started_at > \(begin)::timestamptz - interval '5 minutes'
                    AND (s.finished_at IS NULL OR s.finished_at > \(begin)::timestamptz)
                    AND since IS NOT NULL AND until > \(begin)::timestamptz AND until <= \(end)::timestamptz
            ) AS steps
            GROUP BY name, participant, step ORDER BY name, participant, step
            """)
        return try rows.decode((String, String, String, Int64, Double, Double).self).map {
            ConsoleHistory.Step(
                saga: $0.0, participant: $0.1, step: $0.2, count: $0.3, median: $0.4, slow: $0.5)
        }
    }
}
