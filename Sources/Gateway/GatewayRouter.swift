import Hummingbird
import Logging

/// Puts the routes and what stands before all of them together.
enum GatewayRouter {
    static func responder(
        _ table: RouteTable, authenticator: Authenticator, protection: Protection = .none, logger: Logger
    ) -> RouterResponder<GatewayContext> {
        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        // From the outermost inwards. A middleware only sees the routes that are added after it.
        router.addMiddleware {
            RequestScopeMiddleware(logger: logger, proxies: protection.proxies)
            AccessLogMiddleware(metrics: RequestMetrics())
            SecurityHeadersMiddleware()
            if !protection.origins.isEmpty { CORSMiddleware(origins: protection.origins, table: table) }
            if let limits = protection.limits { RateLimitMiddleware(limits: limits, authenticator: authenticator) }
            ProblemMiddleware(table: table)
            ConditionalMiddleware(table: table)
        }
        let preconditions = PreconditionGuard(table: table)
        for route in table.routes.map(preconditions.guarding) {
            router.on(route.path, method: route.method) { request, context in
                try await authenticator.serve(route, request, context)
            }
        }
        return router.buildResponder()
    }
}
