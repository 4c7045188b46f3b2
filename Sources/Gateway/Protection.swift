import Throttling

/// The guards that stand between everybody and the routes, as the process's settings want it.
struct Protection: Sendable {
    /// Nothing is limited, no proxy is trusted, and browsers come from the gateway's own pages only.
    static let none = Protection()

    var proxies = TrustedProxies.none
    var origins = OriginPolicy.none
    /// Nil for no limits.
    var limits: Limits?

    /// The number of requests that are served.
    struct Limits: Sendable {
        var limiter: RateLimiter
        /// For all routes, a client.
        var general: RatePolicy
        /// For those that take passwords or refresh tokens, an address; each of the two has its own share.
        var auth: RatePolicy
    }
}

extension Protection {
    init(_ options: GatewayOptions, counters: SharedCounters) {
        self.proxies = TrustedProxies(options.trustedProxies)
        self.origins = OriginPolicy(options.corsOrigins)
        self.limits = Limits(
            limiter: RateLimiter(counters: counters),
            general: RatePolicy(name: "default", quota: options.rateLimit),
            auth: RatePolicy(name: "auth", quota: options.authRateLimit))
    }
}
