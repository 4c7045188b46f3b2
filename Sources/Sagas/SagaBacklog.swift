public import Postgres
import Synchronization

/// The undecided sagas of one name, counted and timed, so that no more are begun than can be settled soon.
///
/// The database is looked at a few times a second at most; what this process begins in between is added, so that it
/// alone never goes over the limit. Several replicas together may, by what they begin between two looks.
public final class SagaBacklog: Sendable {
    /// Whether another saga may be begun.
    public enum Admission: Sendable, Equatable {
        /// Yes; ``SagaBacklog/leave()`` must follow.
        case granted
        /// Too many are undecided.
        case full
        /// Those that are undecided wait for too long.
        case late
    }

    private struct State {
        /// The numbers that the last look has seen.
        var seen = SagaQueue()
        var lookedAt: ContinuousClock.Instant?
        /// Begun, and perhaps not committed yet.
        var underWay = 0
        /// Begun and committed, or given up, after the last look had started.
        var ended = 0
        var look: Task<SagaQueue, any Error>?
    }

    /// The time a look is good for.
    private static let freshness: Duration = .milliseconds(250)

    private let limit: Int
    private let longestWait: Double
    private let name: String
    private let database: PostgresClient
    private let state = Mutex(State())

    /// - Parameters:
    ///   - definition: The sagas.
    ///   - database: Their coordinator's database.
    ///   - limit: The most that may be undecided.
    ///   - longestWait: How long they may wait to be decided, by ``SagaQueue/wait``.
    public init(_ definition: SagaDefinition, database: PostgresClient, limit: Int, longestWait: Duration) {
        name = definition.name
        self.database = database
        self.limit = limit
        self.longestWait = longestWait / .seconds(1)
    }

    /// Asks to begin another saga; whoever may begin it must ``leave()`` when it is committed, or came to nothing.
    ///
    /// While sagas wait for too long, one at a time is let in after each time that this is too long: it finds out whether
    /// those that wait only stand for themselves.
    /// - Throws: ``PostgresError``.
    public func enter() async throws -> Admission {
        // A look that was waited for is good enough, however late its news is.
        for mayLook in [true, false] {
            let (answer, look) = state.withLock { state -> (Admission?, Task<SagaQueue, any Error>?) in
                let isFresh = state.lookedAt.map { ContinuousClock.now - $0 < Self.freshness } ?? false
                guard isFresh || !mayLook else {
                    return (nil, state.look ?? begin(&state))
                }
                let begun = state.underWay + state.ended
                guard state.seen.count + begun < limit else { return (.full, nil) }
                guard state.seen.wait < longestWait || (begun == 0 && state.seen.sinceLast >= longestWait) else {
                    return (.late, nil)
                }
                state.underWay += 1
                return (.granted, nil)
            }
            if let answer { return answer }
            _ = try await look?.value
        }
        return .full
    }

    /// Ends what ``enter()`` began.
    public func leave() {
        state.withLock { state in
            state.underWay -= 1
            state.ended += 1
        }
    }

    /// Starts a look at the database, for all who wait for one.
    private func begin(_ state: inout State) -> Task<SagaQueue, any Error> {
        state.ended = 0
        let look = Task {
            let result: Result<SagaQueue, any Error>
            do {
                result = .success(try await SagaQueue.look(at: self.name, limit: self.limit, in: self.database))
            } catch {
                result = .failure(error)
            }
            self.state.withLock { state in
                state.look = nil
                guard case .success(let queue) = result else { return }
                state.seen = queue
                state.lookedAt = .now
            }
            if case .success(let queue) = result { queue.record(self.name) }
            return try result.get()
        }
        state.look = look
        return look
    }
}
