import HTTPTypes
import Hummingbird
import ServiceContextModule

/// All that is done to each request before its route and to each answer behind it, in one pass: where a request comes
/// from, the access log, the headers of every answer, pages of other origins, limits.
struct RequestPass: RouterMiddleware {
    typealias Context = GatewayContext

    let scope: RequestScope
    let log: AccessLog
    /// Nil if pages of no other origin are served.
    let origins: CrossOrigin?
    /// Nil for no limits.
    let limits: RequestLimits?
    let problems: ProblemAnswers

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let service = scope.enter(request, &context)
        return try await ServiceContext.withValue(service) { () async throws -> Response in
            let began = log.begin()
            do {
                var response = try await answer(request, &context, next)
                origins?.mark(&response, for: request)
                SecurityHeaders.add(to: &response, context)
                response.headers[.requestID] = context.requestID
                log.end(request, context, status: response.status.code, began)
                return response
            } catch {
                // The connection, or its HTTP, broke before the request's end. 499 is what proxies log for it.
                log.end(request, context, status: 499, began)
                throw error
            }
        }
    }

    private func answer(
        _ request: Request, _ context: inout GatewayContext,
        _ next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        if let preflight = origins?.preflight(request) { return preflight }
        let share = try await limits?.take(request, &context)
        var response: Response
        if let refusal = share?.refusal(context) {
            response = refusal
        } else {
            do {
                // A route has made an answer of its errors already.
                response = try await next(request, context)
            } catch  where context.route == nil {
                response = problems.unserved(request, context)
            }
        }
        share?.tell(&response)
        return response
    }
}
