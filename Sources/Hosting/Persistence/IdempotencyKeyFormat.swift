/// The form that an idempotency key may have.
public enum IdempotencyKeyFormat {
    /// The longest key, in bytes.
    public static let limit = 255

    /// - Throws: ``ServiceError/Code/invalidArgument`` `invalid_idempotency_key` for a key that cannot be kept.
    public static func check(_ key: String) throws(ServiceError) {
        // PostgreSQL's text holds no NUL.
        guard (1...limit).contains(key.utf8.count), !key.utf8.contains(0) else {
            throw .invalidArgument(
                "invalid_idempotency_key", "an idempotency key has 1 to \(limit) bytes, and no NUL")
        }
    }
}
