public import FoundationEssentials
public import Postgres
import Telemetry

/// The `idempotency_keys` table: a request that is sent again gets the answer it had, and has no second effect.
public struct IdempotencyKeys: Sendable {
    /// How long a claim keeps others out after its owner was last heard of.
    private static let leaseSeconds: Double = 60

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

    /// Claims the key before anything is done.
    ///
    /// - Throws: ``ServiceError``: `idempotency_key_in_use` (ABORTED) or `idempotency_key_reused` (FAILED_PRECONDITION); ``PostgresError``.
    public func claim(_ request: Request, in executor: any PostgresExecutor) async throws -> Claim {
        let token = UUID.random()
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
            SELECT request_hash, response FROM idempotency_keys
            WHERE user_id = \(request.userID) AND operation = \(operation) AND key = \(request.key)
            """)
        guard let (hash, response) = try rows.decode(([UInt8], [UInt8]?).self).first else {
            // Released between the two statements: as good as running, the caller tries again.
            throw ServiceError.idempotencyKeyInUse
        }
        guard hash == request.hash else { throw ServiceError.idempotencyKeyReused }
        guard let response else { throw ServiceError.idempotencyKeyInUse }
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
        if rows.isEmpty { throw ServiceError.idempotencyKeyInUse }
    }

    /// Gives a claim back that had no effect, so that the key can be used again.
    public func release(_ request: Request, claim token: UUID, in executor: any PostgresExecutor) async throws {
        try await executor.query(
            """
            DELETE FROM idempotency_keys
            WHERE user_id = \(request.userID) AND operation = \(operation) AND key = \(request.key)
                AND claim = \(token) AND response IS NULL
            """)
    }

    /// Deletes answers a day after they were given.
    public static let pruning: PostgresQuery = """
        DELETE FROM idempotency_keys WHERE ctid IN (
            SELECT ctid FROM idempotency_keys WHERE claimed_at < now() - interval '24 hours' LIMIT 5000)
        """
}

extension ServiceError {
    /// The first request with this key is still being carried out.
    static let idempotencyKeyInUse = ServiceError.aborted(
        "idempotency_key_in_use", "a request with this idempotency key is being carried out; try again shortly")
    /// The key was used for another request.
    static let idempotencyKeyReused = ServiceError.failedPrecondition(
        "idempotency_key_reused", "this idempotency key was used for another request; take a fresh one")
}
