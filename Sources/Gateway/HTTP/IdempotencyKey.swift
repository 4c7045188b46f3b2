import HTTPTypes

enum IdempotencyKey {
    /// The request's idempotency key, nil when it has none. Throws a ``Problem`` when it is not 1 to 255 visible
    /// ASCII characters, or given more than once.
    static func optional(in headers: HTTPFields) throws(Problem) -> String? {
        let values = headers[values: .idempotencyKey]
        guard let key = values.first else { return nil }
        guard values.count == 1 else {
            throw .invalidField("Idempotency-Key", "must be given once")
        }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidField("Idempotency-Key", "must be 1 to 255 visible ASCII characters")
        }
        return key
    }

    /// The same where there must be one (400 `idempotency_key_required`).
    static func required(in headers: HTTPFields) throws(Problem) -> String {
        guard let key = try optional(in: headers) else {
            throw Problem(
                status: .badRequest,
                code: "idempotency_key_required",
                detail: "the Idempotency-Key header is required here: it keeps a repeated request from counting twice")
        }
        return key
    }
}
