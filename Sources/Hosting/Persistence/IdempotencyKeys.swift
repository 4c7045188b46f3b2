import Crypto
public import Postgres

/// The `idempotency_keys` table: a request that is sent again gets the answer it had, and has no second effect.
///
/// Key, effect and answer are one transaction, which holds a lock on the key while it runs: a crash leaves nothing behind
/// that would keep the key.
public struct IdempotencyKeys: Sendable {
    /// The time for which a claim without an answer keeps others out, in seconds. Processes of the version before commit such
    /// claims before they carry a request out.
    private static let leaseSeconds: Double = 10

    /// The deed that the key protects, as in `order.place`.
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

    /// The thing to do with a request.
    public enum Standing: Sendable, Equatable {
        /// Carry it out.
        case free
        /// It was carried out; this was the answer.
        case replay([UInt8])
    }

    /// The answer to a request that was carried out.
    public struct Answer: Sendable {
        let request: Request
        let response: [UInt8]

        public init(to request: Request, _ response: [UInt8]) {
            self.request = request
            self.response = response
        }
    }

    /// The standing of requests, without holding their keys: one that is free may be taken the next moment.
    ///
    /// An answer that is told is kept, by a synchronous standby too. A commit that has lost its standby, and whose waiting was
    /// ended by an operator or by a restart of the server, can be seen though it may not survive; a read would tell of
    /// it. Locking the row is a write, whose own commit waits until all before it are replicated.
    ///
    /// - Returns: What to do with each, in their order, or why nothing: `idempotency_key_in_use` (ABORTED, with a wait) or
    ///   `idempotency_key_reused` (FAILED_PRECONDITION).
    /// - Throws: ``PostgresError``; of kind `.commitOutcomeUnknown` if that waiting was ended.
    public func standings(
        of requests: [Request], in executor: any PostgresExecutor
    ) async throws -> [Result<Standing, ServiceError>] {
        let found = try Found.all(await executor.query(look(at: requests)))
        return requests.map { Self.standing(of: $0, found[$0.userID]?[$0.key]) }
    }

    /// The standing of one request, as ``standings(of:in:)`` tells it.
    ///
    /// - Throws: ``ServiceError``; ``PostgresError``.
    public func standing(of request: Request, in executor: any PostgresExecutor) async throws -> Standing {
        try await standings(of: [request], in: executor)[0].get()
    }

    /// Takes the keys of several requests for a transaction, before it does anything else. A key that is held by another
    /// transaction is not waited for; of requests under one key the first has it.
    ///
    /// Who has a key that is free carries the request out and stores the answer by ``storing(_:)``, or rolls back.
    /// - Returns: What to do with each, in their order, or why nothing, as ``standings(of:in:)`` tells it.
    /// - Throws: ``PostgresError``.
    public func take(
        _ requests: [Request], in transaction: PostgresTransaction
    ) async throws -> [Result<Standing, ServiceError>] {
        if requests.isEmpty { return [] }
        let locks = requests.map(lock)
        // Two statements: the second sees what whoever held a lock has committed.
        let results = try await transaction.batch([
            """
            SELECT lock, pg_try_advisory_xact_lock(lock)
            FROM unnest(\(Set(locks).sorted())::bigint[]) AS l (lock) ORDER BY lock
            """, look(at: requests),
        ])
        let held = Set(try results[0].decode((Int64, Bool).self).filter(\.1).map(\.0))
        let found = try Found.all(results[1])
        var firsts: [Int64: Request] = [:]
        return zip(requests, locks).map { request, lock in
            let standing = Self.standing(of: request, found[request.userID]?[request.key])
            guard case .success(.free) = standing else { return standing }
            if let first = firsts[lock] {
                return .failure(
                    first.isReused(by: request) ? .idempotencyKeyReused : .idempotencyKeyInUse(for: .seconds(1)))
            }
            firsts[lock] = request
            return held.contains(lock) ? standing : .failure(.idempotencyKeyInUse(for: .seconds(1)))
        }
    }

    /// Takes the key of one request for a transaction, before it does anything else; waits for a transaction that holds it.
    ///
    /// - Throws: ``ServiceError``; ``PostgresError``.
    public func take(_ request: Request, in transaction: PostgresTransaction) async throws -> Standing {
        let results = try await transaction.batch([
            "SELECT pg_advisory_xact_lock(\(lock(request)))", look(at: [request]),
        ])
        return try Self.standing(of: request, Found.all(results[1])[request.userID]?[request.key]).get()
    }

    /// The statement that stores answers to requests whose keys the transaction has taken; it touches a row for each.
    public func storing(_ answers: [Answer]) -> PostgresQuery {
        """
        INSERT INTO idempotency_keys AS k
            (user_id, operation, key, request_hash, claim, response, completed_at)
        SELECT user_id, \(operation), key, request_hash, gen_random_uuid(), response, now()
        FROM unnest(
            \(answers.map(\.request.userID))::bigint[], \(answers.map(\.request.key))::text[],
            \(answers.map(\.request.hash))::bytea[], \(answers.map(\.response))::bytea[]
        ) AS a (user_id, key, request_hash, response)
        ORDER BY user_id, key
        ON CONFLICT (user_id, operation, key) DO UPDATE SET
            claim = excluded.claim, response = excluded.response, claimed_at = now(), completed_at = now()
            -- A process of the version before knows no lock: its claim counts.
            WHERE k.response IS NULL AND k.request_hash = excluded.request_hash
                AND k.claimed_at < now() - make_interval(secs => \(Self.leaseSeconds))
        """
    }

    /// Requires that all answers were stored.
    ///
    /// - Parameter stored: What ``storing(_:)`` has touched.
    /// - Throws: ``ServiceError`` `idempotency_key_in_use` if a process of the version before has claimed a key meanwhile;
    ///   the transaction must not commit then.
    public func requireAll(_ answers: [Answer], stored: Int) throws(ServiceError) {
        if stored != answers.count { throw .idempotencyKeyInUse(for: .seconds(1)) }
    }

    /// Stores the answer to a request whose key the transaction has taken.
    ///
    /// - Throws: ``ServiceError`` as ``requireAll(_:stored:)`` does; ``PostgresError``.
    public func store(_ answer: Answer, in transaction: PostgresTransaction) async throws {
        try requireAll([answer], stored: try await transaction.query(storing([answer])).affectedRows)
    }

    /// The number that a transaction locks while it has the key.
    private func lock(_ request: Request) -> Int64 {
        let digest = SHA256.hash(data: Array("\(operation)\0\(request.userID)\0\(request.key)".utf8))
        return Int64(bitPattern: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    private func look(at requests: [Request]) -> PostgresQuery {
        """
        SELECT k.user_id, k.key, request_hash, response,
            extract(epoch FROM claimed_at - now() + make_interval(secs => \(Self.leaseSeconds)))::float8
        FROM idempotency_keys k
        JOIN unnest(\(requests.map(\.userID))::bigint[], \(requests.map(\.key))::text[]) AS r (user_id, key)
            ON k.user_id = r.user_id AND k.key = r.key
        WHERE operation = \(operation)
        ORDER BY k.user_id, k.key FOR NO KEY UPDATE OF k
        """
    }

    /// The use that a key was put to.
    private struct Found {
        let hash: [UInt8]
        let response: [UInt8]?
        /// Seconds that the lease of a claim without an answer has left.
        let rest: Double

        static func all(_ rows: PostgresRows) throws -> [Int64: [String: Found]] {
            var found: [Int64: [String: Found]] = [:]
            for (user, key, hash, response, rest) in try rows.decode((Int64, String, [UInt8], [UInt8]?, Double).self) {
                found[user, default: [:]][key] = Found(hash: hash, response: response, rest: rest)
            }
            return found
        }
    }

    private static func standing(of request: Request, _ found: Found?) -> Result<Standing, ServiceError> {
        guard let found else { return .success(.free) }
        guard found.hash == request.hash else { return .failure(.idempotencyKeyReused) }
        if let response = found.response { return .success(.replay(response)) }
        if found.rest <= 0 { return .success(.free) }
        return .failure(.idempotencyKeyInUse(for: .seconds(max(1, found.rest.rounded(.up)))))
    }

    /// Deletes answers a day after they were given.
    public static let pruning: PostgresQuery = """
        DELETE FROM idempotency_keys WHERE ctid IN (
            SELECT ctid FROM idempotency_keys WHERE claimed_at < now() - interval '24 hours' LIMIT 5000)
        """
}

extension IdempotencyKeys.Request {
    /// Whether another request has this one's key.
    fileprivate func isReused(by other: Self) -> Bool { hash != other.hash }
}

extension ServiceError {
    /// The first request with this key is still being carried out.
    fileprivate static func idempotencyKeyInUse(for rest: Duration) -> ServiceError {
        .aborted(
            "idempotency_key_in_use",
            """
            a request with this idempotency key is being carried out; send this one again with the same key in \
            \(rest.components.seconds) s to get its answer
            """
        ).retrying(after: rest)
    }

    /// The key was used for another request.
    fileprivate static let idempotencyKeyReused = ServiceError.failedPrecondition(
        "idempotency_key_reused", "this idempotency key was used for another request; take a fresh one")
}
