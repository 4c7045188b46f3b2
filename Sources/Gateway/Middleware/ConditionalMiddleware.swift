import HTTPTypes
import Hummingbird

/// Names by a tag what is read and may be kept or written again, and does not send it to a client that has it
/// (`If-None-Match`, 304).
///
/// The catalogue, which everyone may read and is the same for all, may be kept by caches for as long as the gateway itself
/// would keep it: five seconds, the first of them without asking whether it still holds.
struct ConditionalMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    private static let catalogueControl = "public, max-age=1, stale-while-revalidate=4"

    private let catalogue: Set<String>
    /// What a write may name in `If-Match`, though nobody may keep it.
    private let written: Set<String>

    init(table: RouteTable) {
        let open = table.routes.lazy.filter { $0.access == .everyone && $0.method == .get }
        self.catalogue = Set(open.map(\.path.description).filter { $0.hasPrefix("/api/") })
        self.written = PreconditionGuard(table: table).writtenPaths(of: table)
    }

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard request.method == .get || request.method == .head, response.status == .ok,
            response.body.contentLength != nil
        else { return response }
        if response.headers[.cacheControl] == nil, let route = context.route, catalogue.contains(route) {
            response.headers[.cacheControl] = Self.catalogueControl
        }
        // Nobody asks by the tag of what nobody may keep: its bytes are not hashed for nothing.
        let isTagged = response.headers[.cacheControl] != nil || context.route.map(written.contains) == true
        let tag = if isTagged { try await response.tagged() } else { "" }
        guard let precondition = Precondition(request.headers) else { return response }
        guard precondition.matches(tag) else { throw Problem.preconditionFailed }
        guard precondition.excludes(tag) else { return response }
        var unchanged = Response(status: .notModified, headers: response.headers)
        unchanged.headers[.contentType] = nil
        unchanged.headers[.contentLength] = nil
        return unchanged
    }
}
