public import Hosting

/// Checks of what many requests have in common.
public enum RequestChecks {
    /// Passes if the caller may act on that user's things.
    ///
    /// - Throws: ``ServiceError`` if there is no caller, `user_id` is malformed or another user's.
    public static func owner(_ userID: Int64) throws(ServiceError) {
        let identity = try Identity.required()
        try positive(userID, "user_id")
        try identity.requireOwner(of: userID)
    }

    /// - Throws: ``ServiceError`` `invalid_FIELD` for zero and less.
    public static func positive(_ value: Int64, _ field: String) throws(ServiceError) {
        guard value > 0 else { throw .invalidArgument("invalid_\(field)", "\(field) must be more than zero") }
    }

    /// - Throws: ``ServiceError`` if there is no key, or one that is none.
    public static func idempotencyKey(_ key: String, of what: String) throws(ServiceError) {
        guard !key.isEmpty else {
            throw .invalidArgument("idempotency_key_required", "\(what) needs an idempotency key")
        }
        try IdempotencyKeyFormat.check(key)
    }
}
