import HTTPTypes

extension HTTPField.Name {
    /// Names a request in logs of every process it passes through; echoed in the answer.
    static let requestID = known("X-Request-Id")
    /// W3C trace context.
    static let traceparent = known("traceparent")
    /// RFC 7240.
    static let prefer = known("Prefer")
    /// RFC 7240: which preferences were honoured.
    static let preferenceApplied = known("Preference-Applied")
    /// The client's name for one attempt at something that must not happen twice.
    static let idempotencyKey = known("Idempotency-Key")
    /// Says that the answer is the stored one of an earlier request with the same idempotency key.
    static let idempotencyReplayed = known("Idempotency-Replayed")
    /// The rest of a client's share of requests.
    static let rateLimit = known("RateLimit")
    /// The size of that share.
    static let rateLimitPolicy = known("RateLimit-Policy")
    /// The addresses that a request came through, each written by the proxy after it.
    static let forwardedFor = known("X-Forwarded-For")
    /// The scheme by which the client came to a proxy.
    static let forwardedProto = known("X-Forwarded-Proto")
    static let referrerPolicy = known("Referrer-Policy")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else {
            preconditionFailure("\(name) is not a header name")
        }
        return name
    }
}
