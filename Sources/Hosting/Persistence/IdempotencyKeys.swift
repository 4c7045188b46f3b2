public import FoundationEssentials
public import Postgres
public import Telemetry

/// The `idempotency_keys` table: a request that is sent again gets the answer it had, and has no second effect.
public struct IdempotencyKeys: Sendable {
    /// How long a claim keeps others out after its owner was last heard of. Who takes longer finds the claim gone at its
    /// end, and has had no effect.
    private static let leaseSeconds: Double = 10

    /// What the key protects, as in `order.place`.
    public let operation: String

    public init(operation: String) {
        self.operation = operation
    }

    /// A request under its key.
    public struct Request: Sendable {
        /// Keys of different callers never meet.
        public let userID: Int64
        public let key: String
        /// Of everything in the request that changes its effect.
        public let hash: [UInt8]

        public init(userID: Int64, key: String, hash: [UInt8]) {
            self.userID = userID
            self.key = key
            self.hash = hash
        }
    }

    /// What to do with a request.
    public enum Claim: Sendable, Equatable {
        /// Carry it out, and complete the claim with its token in the same transaction.
        case granted(UUID)
        /// It was carried out; this was the answer.
        case replay([UInt8])
    }

    /// The answer that a request had; nil if none is stored for it.
    ///
    /// An answer that is told is kept, by a synchronous standby too. A commit that has lost its standby, and whose waiting was
    /// ended by an operator or by a restart of the server, can be seen though it may not survive; a read would tell of
    /// it. Locking the row is a write, whose own commit waits until all before it are replicated. ``claim(_:token:in:)``
    /// does the same: its INSERT locks the row that it meets.
    ///
    /// - Throws: ``PostgresError``; of kind `.commitOutcomeUnknown` if that waiting was ended.
    public func answer(to request: Request, in executor: any PostgresExecutor) async throws -> [UInt8]? {
        let rows = try await executor.query(
            """
            SELECT response FROM idempotency_keys
            WHERE user_id = \(request.userID) AND operation = \(operation) AND key = \(request.key)
                AND request_hash = \(request.hash) AND response IS NOT NULL
            FOR NO KEY UPDATE
            """)
        return try rows.decode(([UInt8]).self).first
    }

    /// Claims the key before anything is done.
    ///
    /// - Parameter token: Marks the claim as the caller's; given by whoever wants to release a claim whose answer was
    ///   lost.
    /// - Throws: ``ServiceError``: `idempotency_key_in_use` (ABORTED, with the rest of the lease as wait) or
    ///   `idempotency_key_reused` (FAILED_PRECONDITION); ``PostgresError``.
    public func claim(
        _ request: Request, token: UUID = UUID.random(), in executor: any PostgresExecutor
    ) async throws -> Claim {
        try await claim([(request, token)], in: executor)[0].get()
    }

    /// Claims keys of several requests before anything is done, as ``claim(_:token:in:)`` does. Of requests under one
    /// key the first has it.
    ///
    /// - Returns: What to do with each, in their order, or why nothing.
    /// - Throws: ``PostgresError``: it is not known which are claimed.
    public func claim(
        _ requests: [(request: Request, token: UUID)], in executor: any PostgresExecutor
    ) async throws -> [Result<Claim, ServiceError>] {
        var keys: Set<[String]> = []
        let firsts = requests.filter { keys.insert(["\($0.request.userID)", $0.request.key]).inserted }
        let rows = try await executor.query(
            """
            INSERT INTO idempotency_keys AS k (user_id, operation, key, request_hash, claim)
            SELECT user_id, \(operation), key, request_hash, claim
            FROM unnest(
                \(firsts.map(\.request.userID))::bigint[], \(firsts.map(\.request.key))::text[],
                \(firsts.map(\.request.hash))::bytea[], \(firsts.map(\.token))::uuid[]
            ) AS r (user_id, key, request_hash, claim)
            ORDER BY user_id, key
            ON CONFLICT (user_id, operation, key) DO UPDATE SET claim = excluded.claim, claimed_at = now()
                WHERE k.response IS NULL AND k.request_hash = excluded.request_hash
                    -- Its own, when it is made again because the answer to the first was lost.
                    AND (k.claim = excluded.claim OR k.claimed_at < now() - make_interval(secs => \(Self.leaseSeconds)))
            RETURNING claim
            """)
        let granted = Set(try rows.decode((UUID).self))
        let others = requests.filter { !granted.contains($0.token) }.map(\.request)
        let found = others.isEmpty ? [:] : try await found(others, in: executor)
        return requests.map { request, token in
            granted.contains(token)
                ? .success(.granted(token)) : Self.answer(to: request, found[request.userID]?[request.key])
        }
    }

    /// What a key that is somebody's was claimed for.
    private struct Found {
        let hash: [UInt8]
        let response: [UInt8]?
        /// Seconds that the claim's lease has left.
        let rest: Double
    }

    private func found(
        _ requests: [Request], in executor: any PostgresExecutor
    ) async throws -> [Int64: [String: Found]] {
        let rows = try await executor.query(
            """
            SELECT user_id, key, request_hash, response,
                extract(epoch FROM claimed_at - now() + make_interval(secs => \(Self.leaseSeconds)))::float8
            FROM idempotency_keys
            JOIN unnest(\(requests.map(\.userID))::bigint[], \(requests.map(\.key))::text[]) AS r (user_id, key)
                USING (user_id, key)
            WHERE operation = \(operation)
            """)
        var found: [Int64: [String: Found]] = [:]
        for (user, key, hash, response, rest) in try rows.decode((Int64, String, [UInt8], [UInt8]?, Double).self) {
            found[user, default: [:]][key] = Found(hash: hash, response: response, rest: rest)
        }
        return found
    }

    private static func answer(to request: Request, _ found: Found?) -> Result<Claim, ServiceError> {
        // Released between the two statements: as good as running, the caller tries again.
        guard let found else { return .failure(.idempotencyKeyInUse(for: .seconds(1))) }
        guard found.hash == request.hash else { return .failure(.idempotencyKeyReused) }
        guard let response = found.response else {
            return .failure(.idempotencyKeyInUse(for: .seconds(max(1, found.rest.rounded(.up)))))
        }
        return .success(.replay(response))
    }

    /// Stores the answer, in the transaction that has the effect.
    ///
    /// - Throws: ``ServiceError`` `idempotency_key_in_use` if the claim has passed to somebody else meanwhile; the
    ///   transaction must not commit then.
    public func complete(
        _ request: Request, claim token: UUID, response: [UInt8], in transaction: PostgresTransaction
    ) async throws {
        let answers = [Completion(request, claim: token, response: response)]
        try requireAll(answers, stored: try await transaction.query(completion(of: answers)).affectedRows)
    }

    /// An answer to a request under its claimed key.
    public struct Completion: Sendable {
        let request: Request
        let claim: UUID
        let response: [UInt8]

        public init(_ request: Request, claim: UUID, response: [UInt8]) {
            self.request = request
            self.claim = claim
            self.response = response
        }
    }

    /// The statement that stores answers, in the transaction that has the effects; it touches a row for each claim that
    /// still holds.
    public func completion(of answers: [Completion]) -> PostgresQuery {
        """
        WITH answers AS (
            SELECT * FROM unnest(
                \(answers.map(\.request.userID))::bigint[], \(answers.map(\.request.key))::text[],
                \(answers.map(\.claim))::uuid[], \(answers.map(\.response))::bytea[]
            ) AS a (user_id, key, claim, response)
        ), locked AS MATERIALIZED (
            -- In the order in which claims lock them.
            SELECT k.user_id, k.key, a.response
            FROM idempotency_keys k JOIN answers a USING (user_id, key)
            WHERE k.operation = \(operation) AND k.claim = a.claim AND k.response IS NULL
            ORDER BY k.user_id, k.key FOR UPDATE OF k
        )
        UPDATE idempotency_keys k SET response = l.response, completed_at = now()
        FROM locked l WHERE k.user_id = l.user_id AND k.operation = \(operation) AND k.key = l.key
        """
    }

    /// Requires that all claims held when their answers were stored.
    ///
    /// - Parameter stored: What the ``completion(of:)`` has touched.
    /// - Throws: ``ServiceError`` `idempotency_key_in_use` if one has passed to somebody else; the transaction must not
    ///   commit then.
    public func requireAll(_ answers: [Completion], stored: Int) throws(ServiceError) {
        if stored != answers.count { throw .idempotencyKeyPassedOn }
    }

    /// Gives a claim back that had no effect, so that the key can be used again; also for a task that is cancelled.
    public func release(_ request: Request, claim token: UUID, in executor: any PostgresExecutor) async throws {
        let deletion: PostgresQuery = """
            DELETE FROM idempotency_keys
            WHERE user_id = \(request.userID) AND operation = \(operation) AND key = \(request.key)
                AND claim = \(token) AND response IS NULL
            """
        _ = try await Task { try await executor.query(deletion) }.value
    }

    /// Deletes answers a day after they were given.
    public static let pruning: PostgresQuery = """
        DELETE FROM idempotency_keys WHERE ctid IN (
            SELECT ctid FROM idempotency_keys WHERE claimed_at < now() - interval '24 hours' LIMIT 5000)
        """
}

extension ServiceError {
    /// The first request with this key is still being carried out, or was left behind: then its lease runs out.
    static func idempotencyKeyInUse(for rest: Duration) -> ServiceError {
        .aborted(
            "idempotency_key_in_use",
            """
            a request with this idempotency key is being carried out; send this one again with the same key in \
            \(rest.components.seconds) s to get its answer
            """
        ).retrying(after: rest)
    }
    /// The request took longer than its lease, and another with the same key has taken its place.
    static let idempotencyKeyPassedOn = ServiceError.aborted(
        "idempotency_key_in_use",
        """
        this request took too long and did nothing: another with the same idempotency key is being carried out; send \
        it again with the same key to get its answer
        """
    ).retrying(after: .seconds(1))
    /// The key was used for another request.
    static let idempotencyKeyReused = ServiceError.failedPrecondition(
        "idempotency_key_reused", "this idempotency key was used for another request; take a fresh one")
}
