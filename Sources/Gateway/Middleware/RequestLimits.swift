import HTTPTypes
import Hosting
import Hummingbird
import Metrics
import Throttling

/// Serves no client more than its share. The answers say how much of it is left (draft-ietf-httpapi-ratelimit-headers).
struct RequestLimits: Sendable {
    private let limits: Protection.Limits
    /// Users who are signed in are counted by account, wherever they come from.
    private let authenticator: Authenticator

    private let refusals = Counter(label: "gateway_rate_limited")

    init(limits: Protection.Limits, authenticator: Authenticator) {
        self.limits = limits
        self.authenticator = authenticator
    }

    /// Counts a request, and notes in its context whose it is where that is known.
    ///
    /// - Returns: Nil where there is no limit.
    /// - Throws: `CancellationError` only.
    func take(_ request: Request, _ context: inout GatewayContext) async throws -> Share? {
        let kind = Kind(of: context.route)
        let policy = kind == .other ? limits.general : limits.auth
        guard policy.quota > 0 else { return nil }
        // Many accounts must not give one address many tries at passwords.
        if kind == .other || kind == .password {
            context.caller = await authenticator.knownCaller(request.headers)
        }
        let verdict =
            if let user = context.caller?.identity.subject {
                try await limits.limiter.take(policy, client: "user:\(user)")
            } else {
                try await limits.limiter.take(
                    policy, prefix: kind.prefix, origins: [Origin].networks(of: context.clientAddress))
            }
        if !verdict.isAllowed { refusals.increment() }
        return Share(policy: policy, verdict: verdict)
    }

    /// A token that a request has taken, or not got.
    struct Share {
        let policy: RatePolicy
        let verdict: RateLimiter.Verdict

        /// The answer to a request that is one too many.
        func refusal(_ context: GatewayContext) -> Response? {
            if verdict.isAllowed { return nil }
            return Problem.rateLimited(retryAfter: verdict.retryAfter).response(requestID: context.requestID)
        }

        /// Tells the client what is left.
        func tell(_ response: inout Response) {
            response.headers[.rateLimit] = "\"\(policy.name)\";r=\(verdict.remaining);t=\(verdict.reset)"
            response.headers[.rateLimitPolicy] = "\"\(policy.name)\";q=\(policy.quota);w=\(policy.window)"
        }
    }

    /// The requests that one is counted among. Who is signed in and wants to stay so is not held up by the attempts of others
    /// who come from the same network.
    private enum Kind {
        /// Showing a password without a token.
        case signIn
        /// Changing one's password, with a token.
        case password
        /// Going on with a session, or ending it.
        case session
        case other

        init(of route: String?) {
            self =
                switch route {
                case "/auth/password": .password
                case "/auth/refresh", "/auth/signout": .session
                case .some(let route) where route.hasPrefix("/auth/"): .signIn
                default: .other
                }
        }

        var prefix: String { self == .session ? "session:address:" : "address:" }
    }
}
