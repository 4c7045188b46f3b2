import HTTPTypes
import Hummingbird
import Logging
import Telemetry

/// Turns errors into problem details, inside the log and the metrics, so that they see the status.
struct ProblemAnswers: Sendable {
    let table: RouteTable

    /// The answer to a request whose route has failed.
    func answer(_ error: any Error, _ request: Request, _ context: GatewayContext) -> Response {
        let problem = Problem(error, writes: ![.get, .head, .options].contains(request.method))
        if problem.status.kind == .serverError {
            // What is away comes back; what we do not understand does not.
            context.logger.log(
                level: problem.status == .internalServerError ? .error : .warning, "request failed",
                [
                    .method: .string(request.method.rawValue),
                    .path: .string(context.route ?? ""),
                    .status: .stringConvertible(problem.status.code),
                    .error: .string(String(describing: error)),
                ])
        }
        return problem.response(requestID: context.requestID)
    }

    /// The answer to a request that no route serves: the path may exist for other methods.
    func unserved(_ request: Request, _ context: GatewayContext) -> Response {
        let allowed = table.methods(at: request.uri.path)
        if allowed.isEmpty {
            return Problem.routeNotFound.response(requestID: context.requestID)
        }
        if request.method == .options {
            let list = (allowed + [.options]).map(\.rawValue).joined(separator: ", ")
            return Response(status: .noContent, headers: [.allow: list])
        }
        return Problem.methodNotAllowed(allowed).response(requestID: context.requestID)
    }
}
