import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// The routes that come from a higher layer.
extension AdminServer {
    static func add(_ routes: [AdminRoute], listening: AddressPromise, to router: Router<BasicRequestContext>) {
        for route in routes {
            router.on(RouterPath(route.path), method: route.method == .get ? .get : .post) { request, context in
                let body: ByteBuffer
                do {
                    body = try await request.body.collect(upTo: AdminRequest.bodyLimit)
                } catch is NIOTooManyBytesError {
                    return response(route.refusal(413, "the body is longer than \(AdminRequest.bodyLimit) bytes"))
                }
                let asked = AdminRequest(
                    listener: try await listening.value, parameters: texts(context.parameters),
                    query: texts(request.uri.queryParameters), headers: headers(of: request),
                    body: Array(body.readableBytesView))
                return response(await route.answer(asked))
            }
        }
    }

    private static func texts(_ values: FlatDictionary<Substring, Substring>) -> [String: String] {
        Dictionary(values.map { (String($0.key), String($0.value)) }, uniquingKeysWith: { $1 })
    }

    private static func headers(of request: Request) -> [String: String] {
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            headers[name] = headers[name].map { "\($0), \(field.value)" } ?? field.value
        }
        headers["host"] = request.head.authority
        return headers
    }

    fileprivate static func response(_ answer: AdminAnswer) -> Response {
        var headers: HTTPFields = [
            .contentType: answer.type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        ]
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: answer.body)))
    }
}

/// Answers requests that no route may take: under the paths of higher layers in their words, else with what there is.
struct UntakenRequests: RouterMiddleware {
    typealias Context = BasicRequestContext

    let routes: [AdminRoute]
    /// The paths of the listener's own pages.
    let own: [String]

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        // The second of two: the first is the request's authority. One without any may be a probe's, by HTTP/1.0.
        if let host = HTTPField.Name("Host"), request.headers[host] != nil {
            return AdminServer.response(AdminAnswer.plain(400, "a request has one Host"))
        }
        // To the router segments without a name are none.
        let path = request.head.path?.prefix { $0 != "?" } ?? ""
        if path.hasPrefix("/"), path.contains("//") { return AdminServer.response(AdminAnswer.plain(404, directions)) }
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let answer = AdminRoute.untaken(request.uri.path, routes) ?? AdminAnswer.plain(404, directions)
            return AdminServer.response(answer)
        }
    }

    /// The pages that somebody may have looked for.
    private var directions: String {
        let pages = routes.filter { $0.method == .get && $0.path.split(separator: "/").count == 1 }
        let paths = own + pages.map(\.path)
        return "there is nothing under this path; there are " + paths.map { "/\($0)" }.joined(separator: ", ")
    }
}
