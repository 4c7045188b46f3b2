import Hosting

/// What many requests of this role must be.
enum RequestChecks {
    /// Passes if the caller may act on that user's things.
    ///
    /// - Throws: ``ServiceError`` if there is no caller, `user_id` is malformed or another user's.
    static func owner(_ userID: Int64) throws(ServiceError) {
        let identity = try Identity.required()
        try positive(userID, "user_id")
        try identity.requireOwner(of: userID)
    }

    static func positive(_ value: Int64, _ field: String) throws(ServiceError) {
        guard value > 0 else { throw .invalidArgument("invalid_\(field)", "\(field) must be more than zero") }
    }

    static func idempotencyKey(_ key: String, of what: String) throws(ServiceError) {
        guard (1...255).contains(key.utf8.count) else {
            throw .invalidArgument(
                "idempotency_key_required", "\(what) needs an idempotency key of 1 to 255 bytes")
        }
        // PostgreSQL's text holds no NUL.
        guard !key.contains("\0") else {
            throw .invalidArgument("invalid_idempotency_key", "the idempotency key must not contain NUL")
        }
    }
}
