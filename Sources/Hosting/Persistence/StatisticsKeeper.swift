import Logging
import Postgres
import ServiceLifecycle
import Telemetry

/// Has PostgreSQL look anew at tables that have outgrown what it knows of them.
///
/// Autovacuum looks once a minute. Until then a young shop under load is served by plans that were made for empty
/// tables, and kept: one that finds a saga by reading all of its kind costs more with every order. `ANALYZE` ends them,
/// since plans that rest on a table are made anew after it.
struct StatisticsKeeper: Service {
    /// The smallest table that is looked at, in pages: whatever the plan, a smaller one costs little.
    private static let leastPages = 16
    /// The growth in pages since the last look, from which on a table is looked at again.
    private static let growth = 4

    private let database: PostgresClient
    private let log: LoopLog

    init(database: PostgresClient, logger: Logger) {
        self.database = database
        log = LoopLog("the care for the planner's statistics", logger: logger)
    }

    /// Looks about every five seconds until it is cancelled or asked to stop gracefully.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Replicas that started together do not look together.
                try? await Task.sleep(for: .seconds(Double.random(in: 4...6)))
                if Task.isCancelled { return }
                do {
                    _ = try await refresh()
                    log.goesOn()
                } catch {
                    if !Task.isCancelled { log.heldUp(error) }
                }
            }
        }
    }

    /// Analyses what has outgrown its statistics, of the tables that this user may analyse and nobody else works on.
    ///
    /// - Returns: Their names, as SQL has them.
    func refresh() async throws -> [String] {
        let tables = try await database.query(
            """
            SELECT format('%I.%I', schemaname, relname) AS name
            FROM (
                SELECT n.nspname AS schemaname, c.relname, c.relpages,
                    pg_relation_size(c.oid) / current_setting('block_size')::bigint AS pages
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = current_schema() AND c.relkind = 'r' AND pg_has_role(c.relowner, 'USAGE')
                    AND NOT pg_is_in_recovery()
            ) t
            WHERE pages >= \(Self.leastPages)
                AND (pages >= \(Self.growth) * relpages::bigint OR NOT EXISTS (
                    SELECT FROM pg_stats s WHERE s.schemaname = t.schemaname AND s.tablename = t.relname))
            ORDER BY 1
            """
        ).map { try $0.decode("name", as: String.self) }
        guard !tables.isEmpty else { return [] }
        // On a connection of its own: nobody's read waits behind it.
        return try await database.withConnection { session in
            // Who works on a whole table, as migrations and autovacuum do, goes first.
            try await session.query("SELECT set_config('lock_timeout', '100ms', false)")
            var analysed: [String] = []
            for table in tables where !Task.isCancelled {
                do {
                    try await session.query("ANALYZE \(unescaped: table)")
                    analysed.append(table)
                } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
                    continue
                }
            }
            return analysed
        }
    }
}
