import Hummingbird
import Logging

/// Puts the routes and what stands before all of them together.
enum GatewayRouter {
    static func responder(
        _ table: RouteTable, authenticator: Authenticator, protection: Protection = .none, logger: Logger
    ) -> RouterResponder<GatewayContext> {
        let problems = ProblemAnswers(table: table)
        let router = Router(context: GatewayContext.self, options: [.autoGenerateHeadEndpoints])
        // A middleware only sees the routes that are added after it.
        router.add(
            middleware: RequestPass(
                scope: RequestScope(logger: logger, proxies: protection.proxies), log: AccessLog(),
                origins: CrossOrigin(protection.origins, table: table),
                limits: protection.limits.map { RequestLimits(limits: $0, authenticator: authenticator) },
                problems: problems))
        let preconditions = PreconditionGuard(table: table)
        let written = preconditions.writtenPaths(of: table)
        let forms = CompressedBodies()
        for route in table.routes.map(preconditions.guarding) {
            let served = ServedRoute(
                route: route, authenticator: authenticator, problems: problems,
                conditions: route.method == .get ? ConditionalAnswers(of: route, written: written, forms: forms) : nil)
            router.on(route.path, method: route.method) { request, context in
                try await served.serve(request, context)
            }
        }
        return router.buildResponder()
    }
}
