import HTTPTypes
import Hummingbird

/// Lets pages of allowed origins call the gateway from browsers; pages of others get no word of it.
///
/// Callers are known by tokens, which pages hold themselves, never by cookies: credentials are not allowed.
struct CORSMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let origins: OriginPolicy
    let table: RouteTable

    private static let requestHeaders =
        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, X-Request-Id, traceparent"
    private static let exposedHeaders =
        "Location, ETag, Idempotency-Replayed, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, "
        + "X-Request-Id"
    /// Seconds that a browser need not ask again.
    private static let maxAge = 3600

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], origins.allows(origin) else {
            var response = try await next(request, context)
            Self.vary(&response)
            return response
        }
        var response =
            if let preflight = preflight(request) { preflight } else { try await next(request, context) }
        response.headers[.accessControlAllowOrigin] = origins.allowsEveryone ? "*" : origin
        response.headers[.accessControlExposeHeaders] = Self.exposedHeaders
        Self.vary(&response)
        return response
    }

    /// The answer to a browser that asks whether it may; nil if it asks for something else, or for nothing we have.
    private func preflight(_ request: Request) -> Response? {
        guard request.method == .options, request.headers[.accessControlRequestMethod] != nil else { return nil }
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

    /// Caches keep one answer for each origin.
    private static func vary(_ response: inout Response) {
        let others = response.headers[.vary].map { "\($0), " } ?? ""
        response.headers[.vary] = others + "Origin"
    }
}
