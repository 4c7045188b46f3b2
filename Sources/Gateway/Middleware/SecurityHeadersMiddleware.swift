import HTTPTypes
import Hummingbird

/// What every answer tells browsers and caches, unless a route has said otherwise: keep nothing, guess nothing,
/// show it in no frame.
struct SecurityHeadersMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    static let defaults: [(HTTPField.Name, String)] = [
        (.xContentTypeOptions, "nosniff"),
        (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
        (.referrerPolicy, "no-referrer"),
        (.cacheControl, "no-store"),
    ]

    /// For those who came by TLS: do so for the next year.
    private static let transportSecurity = "max-age=31536000"

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.defaults where response.headers[name] == nil {
            response.headers[name] = value
        }
        if context.isSecure { response.headers[.strictTransportSecurity] = Self.transportSecurity }
        return response
    }
}
