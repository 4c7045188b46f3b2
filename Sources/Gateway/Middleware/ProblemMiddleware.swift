import HTTPTypes
import Hummingbird
import Logging
import Telemetry

/// Turns every error into problem details. It stands inside the log and the metrics, so that they see the status:
/// Hummingbird itself would turn errors into answers outside all middleware.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let table: RouteTable

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as UnreadableBody {
            // The server closes the connection; an HTTP parser's error has an answer of its own there.
            throw error.underlying
        } catch {
            if context.route == nil { return unserved(request, context) }
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
    }

    /// No route serves it: the path may exist for other methods.
    private func unserved(_ request: Request, _ context: GatewayContext) -> Response {
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
