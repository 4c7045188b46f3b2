import Synchronization

/// The group of messages sent with one Sync: it succeeds or fails as a whole.
final class PipelineUnit: Sendable {
    enum Work: Sendable {
        /// Prepared statements.
        case statements([PostgresQuery])
        /// Transaction control: one unprepared statement.
        case command(String)
        /// The last statements of a transaction and its COMMIT, which the server skips if one of them fails.
        case commit([PostgresQuery])
        /// Any number of statements in one text, sent outside of pipeline mode.
        case script(String)
        /// `DISCARD ALL`, after which nothing is prepared any more.
        case reset
        /// Lets the server forget prepared statements.
        case deallocate([String])
    }

    /// The meaning for the data when the connection is lost while the unit is under way.
    enum Effect: Sendable {
        /// Its own transaction, committed by its Sync.
        case autocommit
        /// Its own transaction, which the server is asked to let only read.
        case read
        /// Part of a transaction that ends with another unit.
        case insideTransaction
        /// The end of a transaction.
        case commit
    }

    let work: Work
    /// The transaction it belongs to; nil for a bare end of one, and for what is in none.
    let opening: TransactionOpening?
    let effect: Effect
    let site: CallSite?
    /// Nil for a unit that a cancelled task must not stop: a ROLLBACK, say.
    let cancellation: CancellationFlag?
    /// Nil for the driver's own housekeeping.
    private let continuation: UnsafeContinuation<UnitReply, any Error>?

    init(
        _ work: Work, opening: TransactionOpening? = nil, effect: Effect, site: CallSite?,
        cancellation: CancellationFlag?,
        continuation: UnsafeContinuation<UnitReply, any Error>?
    ) {
        self.work = work
        self.opening = opening
        self.effect = effect
        self.site = site
        self.cancellation = cancellation
        self.continuation = continuation
    }

    /// The same for the same caller, once it is known to write.
    func asWrite() -> PipelineUnit {
        PipelineUnit(
            work, opening: opening, effect: .autocommit, site: site, cancellation: cancellation,
            continuation: continuation)
    }

    /// Whether it is the COMMIT or the ROLLBACK of a transaction.
    var endsTransaction: Bool {
        switch work {
        case .commit: true
        case .command: opening == nil
        case .statements, .script, .reset, .deallocate: false
        }
    }

    var isCancelled: Bool { cancellation?.isCancelled ?? false }

    var queries: [PostgresQuery] {
        switch work {
        case .statements(let queries), .commit(let queries): queries
        case .command, .script, .reset, .deallocate: []
        }
    }

    /// Ends the unit; exactly one of these two is called, once, by the loop that has taken it.
    func succeed(_ reply: UnitReply) {
        continuation?.resume(returning: reply)
    }

    func fail(_ error: PostgresError) {
        continuation?.resume(throwing: error.at(site, query: sqlText))
    }

    /// The text an error shows when it does not know the exact statement.
    private var sqlText: String? {
        switch work {
        case .statements(let queries): queries.count == 1 ? queries[0].sql : nil
        case .command(let sql): sql
        case .commit: "COMMIT"
        case .script, .reset, .deallocate: nil
        }
    }
}

/// Set by the cancellation handler of the task that awaits a unit.
final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func set() {
        flag.store(true, ordering: .releasing)
    }
}

/// The results that a unit brings back.
struct UnitReply: Sendable {
    let results: [QueryResult]
    /// Whether the session was outside of any transaction after the unit, with nothing else under way.
    let isIdle: Bool
}
