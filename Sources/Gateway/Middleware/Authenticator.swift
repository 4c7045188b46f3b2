import HTTPTypes
import Hosting
import Hummingbird

/// Somebody whose token is valid, and the token.
struct Caller: Sendable {
    let identity: Identity
    let token: String
}

/// Finds out who calls, and lets in whom a route is meant for.
struct Authenticator: Sendable {
    let verifier: TokenVerifier

    /// The caller of a route; nil where it does not look at tokens.
    ///
    /// Throws a ``Problem`` (401) for a token that is missing or not valid, and a `ServiceError` (403) for a role
    /// the route is not meant for.
    func admit(to route: Route, _ request: Request, _ context: GatewayContext) async throws -> Caller? {
        if route.access == .everyone || route.access == .signedInByHandshake { return nil }
        let caller = if let known = context.caller { known } else { try await caller(request.headers) }
        if case .roles(let roles) = route.access, !roles.contains(caller.identity.role) {
            throw ServiceError.permissionDenied("role_required", "your role does not allow this")
        }
        return caller
    }

    /// The caller; nil if the token is missing or not valid.
    func knownCaller(_ headers: HTTPFields) async -> Caller? {
        headers[.authorization] == nil ? nil : try? await caller(headers)
    }

    private func caller(_ headers: HTTPFields) async throws -> Caller {
        let token = try Self.bearerToken(headers)
        return Caller(identity: try await verifier.verify(token), token: token)
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
        return String(parts[1].trimmingBlanks())
    }
}
