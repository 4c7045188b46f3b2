import HTTPTypes
import Hummingbird

/// The headers of every answer, which tell browsers and caches, unless a route has said otherwise: keep nothing, guess
/// nothing, show it in no frame.
enum SecurityHeaders {
    static let defaults = [
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'"),
        HTTPField(name: .referrerPolicy, value: "no-referrer"),
        HTTPField(name: .cacheControl, value: "no-store"),
    ]

    /// For those who came by TLS: do so for the next year.
    private static let transportSecurity = "max-age=31536000"

    static func add(to response: inout Response, _ context: GatewayContext) {
        for field in defaults where !response.headers.contains(field.name) { response.headers.append(field) }
        if context.isSecure { response.headers[.strictTransportSecurity] = transportSecurity }
    }
}
