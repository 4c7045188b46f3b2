import Hosting
import HTTPTypes
import Hummingbird

/// A route as it is served: lets in whom it is meant for, runs its handler as the caller, and makes an answer of its errors.
struct ServedRoute: Sendable {
    let route: Route
    let authenticator: Authenticator
    let problems: ProblemAnswers
    /// Nil for a route that does not read.
    let conditions: ConditionalAnswers?

    /// Throws only what breaks the connection: the error of its HTTP, which has an answer of its own in the server.
    func serve(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let caller: Caller?
        do {
            caller = try await authenticator.admit(to: route, request, context)
        } catch {
            return problems.answer(error, request, context)
        }
        let call = CallContext(requestID: context.requestID, identity: caller?.identity, token: caller?.token)
        // How far the calls of a handler have come tells what its error means: both are within one context.
        return try await call.run { () async throws -> Response in
            do {
                let response = try await route.handler(request, context)
                guard let conditions else { return response }
                return try await conditions.answer(response, to: request)
            } catch let error as UnreadableBody {
                throw error.underlying
            } catch {
                return problems.answer(error, request, context)
            }
        }
    }
}
