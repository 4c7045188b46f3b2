public import FoundationEssentials
public import Postgres

/// The `audit_trail` table: what was done to a user's things by somebody else.
public enum AuditTrail {
    /// Somebody who acts on the things of a user that they are not.
    public struct Actor: Sendable {
        /// Whose things.
        let userID: Int64
        /// A user's id; 0 for whoever acts by a token made out to somebody else, and so has no account.
        let id: Int64
        let role: String
        let requestID: String?

        /// The present caller; nil if the caller is that user in person.
        ///
        /// - Parameter userID: Whose things.
        /// - Throws: ``ServiceError/Code/unauthenticated`` without a caller.
        public init?(on userID: Int64) throws(ServiceError) {
            let caller = try Identity.required()
            guard caller.subject != userID || caller.actor != nil else { return nil }
            self.userID = userID
            id = caller.actor == nil ? caller.subject : 0
            role = caller.actor ?? caller.role.rawValue
            requestID = CallContext.current?.requestID
        }
    }

    /// Notes, in the transaction that does it, that the present caller acted on a user's things; nothing if the caller
    /// is that user in person.
    ///
    /// - Parameters:
    ///   - action: As in `order.place`.
    ///   - reason: Why; nil where nobody said.
    ///   - userID: Whose things.
    ///   - subjectID: What it was done to, in the service's own terms.
    /// - Throws: ``ServiceError/Code/unauthenticated`` without a caller; `PostgresError`.
    public static func note(
        _ action: String, because reason: String? = nil, userID: Int64, subjectID: Int64,
        in transaction: PostgresTransaction
    ) async throws {
        guard let actor = try Actor(on: userID) else { return }
        try await transaction.query(insertion(action, because: reason, [(actor, subjectID)]))
    }

    /// The statement that notes what several actors did, each to a subject.
    public static func insertion(
        _ action: String, because reason: String? = nil, _ deeds: [(actor: Actor, subjectID: Int64)]
    ) -> PostgresQuery {
        """
        INSERT INTO audit_trail (actor_id, actor_role, user_id, action, reason, subject_id, request_id)
        SELECT actor_id, actor_role, user_id, \(action), \(reason)::text, subject_id, request_id
        FROM unnest(
            \(deeds.map(\.actor.id))::bigint[], \(deeds.map(\.actor.role))::text[], \(deeds.map(\.actor.userID))::bigint[],
            \(deeds.map(\.subjectID))::bigint[], \(deeds.map(\.actor.requestID))::text[]
        ) AS d (actor_id, actor_role, user_id, subject_id, request_id)
        """
    }

    /// Notes what an operator did to a user: by a command, which has no account of its own, so that the actor is 0, or as
    /// an admin by the console.
    ///
    /// - Parameter admin: Nil for a command.
    /// - Throws: `PostgresError`.
    public static func noteOperator(
        _ action: String, because reason: String? = nil, userID: Int64, subjectID: Int64, by admin: Identity? = nil,
        in transaction: PostgresTransaction
    ) async throws {
        var (actorID, role): (Int64, String) = (0, Identity.operatorActor)
        if let admin, admin.actor == nil { (actorID, role) = (admin.subject, admin.role.rawValue) }
        try await transaction.query(
            """
            INSERT INTO audit_trail (actor_id, actor_role, user_id, action, reason, subject_id)
            VALUES (\(actorID), \(role), \(userID), \(action), \(reason)::text, \(subjectID))
            """)
    }

    /// Notes what a service did by itself to what belongs to no user.
    ///
    /// - Throws: `PostgresError`.
    public static func noteService(
        _ action: String, because reason: String, in executor: any PostgresExecutor
    ) async throws {
        _ = try await executor.query(
            """
            INSERT INTO audit_trail (actor_id, actor_role, user_id, action, reason, subject_id)
            VALUES (0, 'service', 0, \(action), \(reason), 0)
            """)
    }

    /// Deletes entries that are older than the time they are kept for.
    public static func pruning(keeping age: Duration) -> PostgresQuery {
        """
        DELETE FROM audit_trail WHERE id IN (
            SELECT id FROM audit_trail WHERE at < now() - make_interval(secs => \(Double(age.components.seconds)))
            ORDER BY at LIMIT 5000)
        """
    }

    /// Something that was done.
    public struct Entry: Sendable, Equatable {
        public let id: Int64
        public let at: Date
        /// The one who did it: a user's id, or 0 for an operator.
        public let actorID: Int64
        /// The role in which they did it.
        public let actorRole: String
        /// Whose things it was done to.
        public let userID: Int64
        public let action: String
        /// The reason; nil where nobody said, and in entries of before it was kept by itself.
        public let reason: String?
        public let subjectID: Int64
        public let requestID: String?
    }
}
