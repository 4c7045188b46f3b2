import FoundationEssentials
public import Postgres

/// The `audit_trail` table: what was done to a user's things by somebody else.
public enum AuditTrail {
    /// Notes, in the transaction that does it, that the present caller acted on a user's things; nothing if the caller
    /// is that user.
    ///
    /// - Parameters:
    ///   - action: As in `order.place`.
    ///   - userID: Whose things.
    ///   - subjectID: What it was done to, in the service's own terms.
    /// - Throws: ``ServiceError/Code/unauthenticated`` without a caller; `PostgresError`.
    public static func note(
        _ action: String, userID: Int64, subjectID: Int64, in transaction: PostgresTransaction
    ) async throws {
        let caller = try Identity.required()
        guard caller.subject != userID else { return }
        try await transaction.query(
            """
            INSERT INTO audit_trail (actor_id, actor_role, user_id, action, subject_id, request_id)
            VALUES (
                \(caller.subject), \(caller.role.rawValue), \(userID), \(action), \(subjectID),
                \(CallContext.current?.requestID))
            """)
    }
}
