import HTTPTypes
import Hosting
import Hummingbird
import Metrics

/// Serves no client more than its share. The answers say how much of it is left (draft-ietf-httpapi-ratelimit-headers).
struct RateLimitMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let limits: Protection.Limits
    /// Who is signed in is counted by account, wherever they come from.
    let authenticator: Authenticator

    private let refusals = Counter(label: "gateway_rate_limited")

    init(limits: Protection.Limits, authenticator: Authenticator) {
        self.limits = limits
        self.authenticator = authenticator
    }

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let isAuth = context.route?.hasPrefix("/auth/") ?? false
        let policy = isAuth ? limits.auth : limits.general
        guard policy.quota > 0 else { return try await next(request, context) }
        // Many accounts must not give one address many tries at passwords.
        if !isAuth { context.caller = await authenticator.knownCaller(request.headers) }
        let client = context.caller.map { "user:\($0.identity.subject)" } ?? Self.name(of: context.clientAddress)
        guard let verdict = try await limits.limiter.take(policy, client: client) else {
            return try await next(request, context)
        }
        var response: Response
        if verdict.isAllowed {
            response = try await next(request, context)
        } else {
            refusals.increment()
            response = Problem.rateLimited(retryAfter: verdict.retryAfter).response(requestID: context.requestID)
        }
        response.headers[.rateLimit] = "\"\(policy.name)\";r=\(verdict.remaining);t=\(verdict.reset)"
        response.headers[.rateLimitPolicy] = "\"\(policy.name)\";q=\(policy.quota);w=\(policy.window)"
        return response
    }

    /// What an address is counted as: of IPv6 the first half, since a client has all of the other to choose from.
    private static func name(of address: String?) -> String {
        guard let address, let known = NetworkAddress(address) else { return "address:unknown" }
        let isIPv6 = known.bytes.count == 16
        let shown = known.bytes.prefix(isIPv6 ? 8 : 4).map { String($0) }.joined(separator: ".")
        return "address:\(shown)"
    }
}
