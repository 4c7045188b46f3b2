import HTTPTypes
import Hosting
import Hummingbird

/// The callers that a route admits.
enum Access: Sendable, Equatable {
    /// Anyone; a token is not looked at.
    case everyone
    /// Whoever has a valid token.
    case signedIn
    /// The same, for a route that looks for the token itself: browsers put it elsewhere when they open a WebSocket.
    case signedInByHandshake
    /// Whoever has a valid token with one of these roles.
    case roles(Set<ShopRole>)
}

/// One method of one path, and what serves it.
struct Route: Sendable {
    typealias Handler = @Sendable (Request, GatewayContext) async throws -> Response

    let method: HTTPRequest.Method
    let path: RouterPath
    let access: Access
    /// Whether the handler itself looks at `If-Match` and `If-None-Match`.
    let checksPreconditions: Bool
    let handler: Handler

    init(
        method: HTTPRequest.Method, path: RouterPath, access: Access, checksPreconditions: Bool = false,
        handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.checksPreconditions = checksPreconditions
        self.handler = handler
    }
}

/// All routes of the gateway, as the files of `Routes/` enter them.
struct RouteTable: Sendable {
    /// Hummingbird's name for the end point of a request that no route serves.
    static let noEndpoint = "NotFound"

    private(set) var routes: [Route] = []

    mutating func get(_ path: RouterPath, _ access: Access, _ handler: @escaping Route.Handler) {
        routes.append(Route(method: .get, path: path, access: access, handler: handler))
    }

    mutating func post(
        _ path: RouterPath, _ access: Access, checksPreconditions: Bool = false, _ handler: @escaping Route.Handler
    ) {
        routes.append(
            Route(
                method: .post, path: path, access: access, checksPreconditions: checksPreconditions, handler: handler))
    }

    mutating func put(
        _ path: RouterPath, _ access: Access, checksPreconditions: Bool = false, _ handler: @escaping Route.Handler
    ) {
        routes.append(
            Route(
                method: .put, path: path, access: access, checksPreconditions: checksPreconditions, handler: handler))
    }

    mutating func patch(
        _ path: RouterPath, _ access: Access, checksPreconditions: Bool = false, _ handler: @escaping Route.Handler
    ) {
        routes.append(
            Route(
                method: .patch, path: path, access: access, checksPreconditions: checksPreconditions, handler: handler))
    }

    mutating func delete(
        _ path: RouterPath, _ access: Access, checksPreconditions: Bool = false, _ handler: @escaping Route.Handler
    ) {
        routes.append(
            Route(
                method: .delete, path: path, access: access, checksPreconditions: checksPreconditions, handler: handler)
        )
    }

    /// The methods that a path answers to, in alphabetical order; empty when there is nothing at it.
    func methods(at path: String) -> [HTTPRequest.Method] {
        let segments = path.split(separator: "/")
        let matching = routes.filter { route in
            route.path.components.count == segments.count
                && zip(route.path.components, segments).allSatisfy { $0 ~= $1 }
        }
        var methods = Set(matching.map(\.method))
        if methods.contains(.get) { methods.insert(.head) }
        return methods.sorted { $0.rawValue < $1.rawValue }
    }
}
