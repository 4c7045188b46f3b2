import HTTPTypes
import Hummingbird

/// Lets pages of allowed origins call the gateway from browsers; pages of others get no word of it.
///
/// Callers are known by tokens, which pages hold themselves, never by cookies: credentials are not allowed.
struct CrossOrigin: Sendable {
    private let origins: OriginPolicy
    private let table: RouteTable

    private static let requestHeaders =
        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, X-Request-Id, traceparent"
    private static let exposedHeaders =
        "Location, ETag, Idempotency-Replayed, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, "
        + "X-Request-Id"
    /// Seconds that a browser need not ask again.
    private static let maxAge = 3600

    /// - Parameters:
    ///   - origins: Those whose pages may call it.
    ///   - table: Tells the methods of a path.
    init?(_ origins: OriginPolicy, table: RouteTable) {
        if origins.isEmpty { return nil }
        self.origins = origins
        self.table = table
    }

    /// Tells a browser whose page the answer is for, if it is for one.
    func mark(_ response: inout Response, for request: Request) {
        if let origin = allowed(request) {
            response.headers[.accessControlAllowOrigin] = origins.allowsEveryone ? "*" : origin
            response.headers[.accessControlExposeHeaders] = Self.exposedHeaders
        }
        // Caches keep one answer for each origin.
        let others = response.headers[.vary].map { "\($0), " } ?? ""
        response.headers[.vary] = others + "Origin"
    }

    private func allowed(_ request: Request) -> String? {
        request.headers[.origin].flatMap { origins.allows($0) ? $0 : nil }
    }

    /// The answer to a browser that asks whether it may; nil if it asks for something else, or for nothing we have.
    func preflight(_ request: Request) -> Response? {
        guard request.method == .options, allowed(request) != nil, request.headers[.accessControlRequestMethod] != nil
        else { return nil }
        let methods = table.methods(at: request.uri.path)
        guard !methods.isEmpty else { return nil }
        return Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: methods.map(\.rawValue).joined(separator: ", "),
                .accessControlAllowHeaders: Self.requestHeaders,
                .accessControlMaxAge: String(Self.maxAge),
            ])
    }
}
