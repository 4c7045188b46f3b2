import HTTPTypes
import Hummingbird

/// The headers of every answer, which tell browsers and caches, unless a route has said otherwise: keep nothing, guess
/// nothing, show it in no frame.
enum SecurityHeaders {
    static let defaults: [(HTTPField.Name, String)] = [
        (.xContentTypeOptions, "nosniff"),
        (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
        (.referrerPolicy, "no-referrer"),
        (.cacheControl, "no-store"),
    ]

    /// For those who came by TLS: do so for the next year.
    private static let transportSecurity = "max-age=31536000"

    static func add(to response: inout Response, _ context: GatewayContext) {
        for (name, value) in defaults where response.headers[name] == nil {
            response.headers[name] = value
        }
        if context.isSecure { response.headers[.strictTransportSecurity] = transportSecurity }
    }
}
