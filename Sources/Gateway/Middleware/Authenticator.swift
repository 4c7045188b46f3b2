import HTTPTypes
import Hosting
import Hummingbird

/// Finds out who calls, and lets in whom a route is meant for.
struct Authenticator: Sendable {
    let verifier: TokenVerifier

    /// Runs a route's handler as the caller; the token then goes along to every service the handler calls.
    ///
    /// Throws a ``Problem`` (401) for a token that is missing or not valid, and a `ServiceError` (403) for a role
    /// the route is not meant for.
    func serve(_ route: Route, _ request: Request, _ context: GatewayContext) async throws -> Response {
        if route.access == .everyone || route.access == .signedInByHandshake {
            return try await route.handler(request, context)
        }
        let token = try Self.bearerToken(request.headers)
        let identity = try await verifier.verify(token)
        if case .roles(let roles) = route.access, !roles.contains(identity.role) {
            throw ServiceError.permissionDenied("role_required", "your role does not allow this")
        }
        return try await withIdentity(identity, token: token) {
            try await route.handler(request, context)
        }
    }

    /// The token of the `Authorization` header.
    static func bearerToken(_ headers: HTTPFields) throws(Problem) -> String {
        let values = headers[values: .authorization]
        guard let value = values.first else {
            throw .unauthenticated("token_required", "this needs an access token", challenge: nil)
        }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw .unauthenticated(
                "token_malformed", "the Authorization header must be: Bearer and an access token",
                challenge: "invalid_request")
        }
        return String(parts[1].trimmingHTTPWhitespace())
    }
}
