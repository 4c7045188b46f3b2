import HTTPTypes
import Hummingbird

/// Holds writes to what they expect (`If-Match`, `If-None-Match`) of the representation that is read at the same path
/// or, for a part such as a cart's line, at the path of the whole. Where nothing can be read there is no representation,
/// and no tag matches.
///
/// The representation may change between the comparison and the write: a route that can passes on the version it has seen
/// (``Precondition/seen(by:shownAs:_:)``), for the service to compare it again when nothing can come between.
struct PreconditionGuard: Sendable {
    private let readers: [String: Route]

    init(table: RouteTable) {
        let reading = table.routes.filter { route in
            route.method == .get && (route.access == .everyone || route.access == .signedIn)
        }
        self.readers = Dictionary(reading.map { (Self.name(of: $0), $0) }) { first, _ in first }
    }

    /// The same route, which first looks at what the request expects.
    func guarding(_ route: Route) -> Route {
        guard Self.writes(route), !route.checksPreconditions else { return route }
        let found = reader(for: route)
        return Route(method: route.method, path: route.path, access: route.access) { request, context in
            if let precondition = Precondition(request.headers) {
                try precondition.require(try await Self.tag(found, request, context))
            }
            return try await route.handler(request, context)
        }
    }

    /// The reader that shows the representation that a route writes, or its part; nil if nothing does.
    func reader(for route: Route) -> Route? {
        var components = route.path.components.map(\.description)
        while !components.isEmpty {
            if let reader = readers[components.joined(separator: "/")] { return reader }
            components.removeLast()
        }
        return nil
    }

    /// The paths, as patterns, of what shows the representations that may be written under a condition.
    func writtenPaths(of table: RouteTable) -> Set<String> {
        Set(table.routes.lazy.filter(Self.writes).compactMap { reader(for: $0)?.path.description })
    }

    private static func writes(_ route: Route) -> Bool { [.post, .put, .patch, .delete].contains(route.method) }

    private static func name(of route: Route) -> String {
        route.path.components.map(\.description).joined(separator: "/")
    }

    /// The tag of what is there; nil if there is nothing. A part's route has the parameters of the whole as well.
    private static func tag(_ reader: Route?, _ request: Request, _ context: GatewayContext) async throws -> String? {
        guard let reader else { return nil }
        var head = request.head
        head.method = .get
        do {
            var response = try await reader.handler(Request(head: head, body: .init(buffer: .init())), context)
            return response.status == .ok ? try await response.tagged() : nil
        } catch {
            guard Problem(error).status == .notFound else { throw error }
            return nil
        }
    }
}
