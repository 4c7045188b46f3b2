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
        let granted = try await executor.query(
            """
            INSERT INTO idempotency_keys AS k (user_id, operation, key, request_hash, claim)
            VALUES (\(request.userID), \(operation), \(request.key), \(request.hash), \(token))
            ON CONFLICT (user_id, operation, key) DO UPDATE SET claim = excluded.claim, claimed_at = now()
                WHERE k.response IS NULL AND k.request_hash = excluded.request_hash
                    AND k.claimed_at < now() - make_interval(secs => \(Self.leaseSeconds))
            RETURNING 1
            """)
        if !granted.isEmpty { return .granted(token) }
        let rows = try await executor.query(
            """
            SELECT request_hash, response,
                extract(epoch FROM claimed_at - now() + make_interval(secs => \(Self.leaseSeconds)))::float8
            FROM idempotency_keys
            WHERE user_id = \(request.userID) AND operation = \(operation) AND key = \(request.key)
            """)
        guard let (hash, response, rest) = try rows.decode(([UInt8], [UInt8]?, Double).self).first else {
            // Released between the two statements: as good as running, the caller tries again.
            throw ServiceError.idempotencyKeyInUse(for: .seconds(1))
        }
        guard hash == request.hash else { throw ServiceError.idempotencyKeyReused }
        guard let response else { throw ServiceError.idempotencyKeyInUse(for: .seconds(max(1, rest.rounded(.up)))) }
        return .replay(response)
    }

    /// Stores the answer, in the transaction that has the effect.
    ///
    /// - Throws: ``ServiceError`` `idempotency_key_in_use` if the claim has passed to somebody else meanwhile; the
    ///   transaction must not commit then.
    public func complete(
        _ request: Request, claim token: UUID, response: [UInt8], in transaction: PostgresTransaction
    ) async throws {
        let rows = try await transaction.query(
            """
            UPDATE idempotency_keys SET response = \(response), completed_at = now()
            WHERE user_id = \(request.userID) AND operation = \(operation) AND key = \(request.key)
                AND claim = \(token) AND response IS NULL
            RETURNING 1
            """)
        if rows.isEmpty { throw ServiceError.idempotencyKeyPassedOn }
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
        UPDATE idempotency_keys k SET response = a.response, completed_at = now()
        FROM unnest(
            \(answers.map(\.request.userID))::bigint[], \(answers.map(\.request.key))::text[],
            \(answers.map(\.claim))::uuid[], \(answers.map(\.response))::bytea[]
        ) AS a (user_id, key, claim, response)
        WHERE k.user_id = a.user_id AND k.operation = \(operation) AND k.key = a.key AND k.claim = a.claim
            AND k.response IS NULL
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
