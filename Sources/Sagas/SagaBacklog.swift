public import Postgres
import Synchronization

/// The undecided sagas of one name, counted, so that no more are begun than can be settled soon.
///
/// The database is looked at a few times a second at most; what this process begins in between is added, so that it
/// alone never goes over the limit. Several replicas together may, by what they begin between two looks.
public final class SagaBacklog: Sendable {
    private struct State {
        /// What the last look has counted.
        var counted = 0
        var lookedAt: ContinuousClock.Instant?
        /// Begun, and perhaps not committed yet.
        var underWay = 0
        /// Begun and committed, or given up, after the last look had started.
        var ended = 0
        var look: Task<Int, any Error>?
    }

    /// How long a look is good for.
    private static let freshness: Duration = .milliseconds(250)

    private let limit: Int
    private let name: String
    private let database: PostgresClient
    private let state = Mutex(State())

    /// - Parameters:
    ///   - definition: The sagas.
    ///   - database: Their coordinator's database.
    ///   - limit: The most that may be undecided.
    public init(_ definition: SagaDefinition, database: PostgresClient, limit: Int) {
        name = definition.name
        self.database = database
        self.limit = limit
    }

    /// Asks to begin another saga; whoever may begin it must ``leave()`` when it is committed, or came to nothing.
    ///
    /// - Returns: Whether there is room for it.
    /// - Throws: ``PostgresError``.
    public func enter() async throws -> Bool {
        // A look that was waited for is good enough, however late its news is.
        for mayLook in [true, false] {
            let (answer, look) = state.withLock { state -> (Bool?, Task<Int, any Error>?) in
                let isFresh = state.lookedAt.map { ContinuousClock.now - $0 < Self.freshness } ?? false
                guard isFresh || !mayLook else {
                    return (nil, state.look ?? begin(&state))
                }
                guard state.counted + state.underWay + state.ended < limit else { return (false, nil) }
                state.underWay += 1
                return (true, nil)
            }
            if let answer { return answer }
            _ = try await look?.value
        }
        return false
    }

    /// Ends what ``enter()`` began.
    public func leave() {
        state.withLock { state in
            state.underWay -= 1
            state.ended += 1
        }
    }

    /// Starts a look at the database, for all who wait for one.
    private func begin(_ state: inout State) -> Task<Int, any Error> {
        state.ended = 0
        let look = Task {
            let result: Result<Int, any Error>
            do { result = .success(try await self.count()) } catch { result = .failure(error) }
            self.state.withLock { state in
                state.look = nil
                guard case .success(let count) = result else { return }
                state.counted = count
                state.lookedAt = .now
            }
            return try result.get()
        }
        state.look = look
        return look
    }

    private func count() async throws -> Int {
        // One more than the limit tells as much as all of them.
        let rows = try await database.query(
            """
            SELECT count(*) FROM (
                SELECT FROM sagas WHERE finished_at IS NULL AND phase = 'trying' AND name = \(name)
                LIMIT \(Int64(limit) + 1)
            ) undecided
            """)
        return Int(try rows.decode((Int64).self)[0])
    }
}
