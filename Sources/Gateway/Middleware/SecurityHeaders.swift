import HTTPTypes
import Hummingbird

/// The headers of every answer, which tell browsers and caches, unless a route has said otherwise: keep nothing, guess
/// nothing, show it in no frame.
enum SecurityHeaders {
    static let defaults = withoutCaches + [HTTPField(name: .cacheControl, value: "no-store")]
    /// Those that say nothing to caches.
    static let withoutCaches = [
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'"),
        HTTPField(name: .referrerPolicy, value: "no-referrer"),
    ]

    /// For those who came by TLS: do so for the next year.
    private static let transportSecurity = "max-age=31536000"

    static func add(to response: inout Response, _ context: GatewayContext) {
        for field in defaults where !response.headers.contains(field.name) {
            response.headers[field.name] = field.value
        }
        if context.isSecure { response.headers[.strictTransportSecurity] = transportSecurity }
    }
}
