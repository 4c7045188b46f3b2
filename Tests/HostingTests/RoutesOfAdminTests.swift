import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import Hosting

/// Routes of higher layers on the admin listener.
@Suite struct RoutesOfAdminTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func send(_ body: String, to address: HostPort) async throws -> (HTTPClientResponse, String) {
        var request = HTTPClientRequest(url: "http://\(address)/things/7?a=b%20c&d")
        request.method = .POST
        request.headers = ["X-One": "1", "X-One": "2"]
        request.body = .bytes(ByteBuffer(string: body))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        return (response, String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    @Test("A route gets path, query, header and body, and its answer is kept by nobody; a long body does not reach it")
    func served() async throws {
        var options = RoleHost.Options(admin: .on(HostPort(host: "127.0.0.1", port: 0)))
        options.adminRoutes = [
            AdminRoute(.post, "things/{id}") { request in
                let parts = [
                    request.parameters["id"], request.query["a"], request.query["d"], request.headers["x-one"],
                    request.headers["host"], "\(request.listener)", String(decoding: request.body, as: UTF8.self),
                ]
                return AdminAnswer(
                    409, type: "text/plain", body: parts.map { $0 ?? "nil" }.joined(separator: "|"),
                    headers: ["X-Two": "2"])
            },
            AdminRoute(.get, "page") { _ in AdminAnswer(200, type: "text/plain", body: "") },
        ]
        let host = RoleHost([], peers: try Peers(local: []), verifier: nil, options: options, logger: logger)
        let running = Task { try await host.run() }
        let address = try #require(try await host.adminAddress())
        let (response, text) = try await send("hello", to: address)
        #expect(response.status.code == 409 && text == "7|b c||1, 2|\(address)|\(address)|hello")
        #expect(response.headers["X-Two"] == ["2"] && response.headers["Cache-Control"] == ["no-store"])
        #expect(response.headers["X-Content-Type-Options"] == ["nosniff"])
        let long = try await send(String(repeating: "x", count: AdminRequest.bodyLimit + 1), to: address)
        #expect(long.0.status.code == 413)
        let root = HTTPClientRequest(url: "http://\(address)/")
        let nothing = try await HTTPClient.shared.execute(root, timeout: .seconds(60))
        let told = String(buffer: try await nothing.body.collect(upTo: 1 << 20))
        #expect(nothing.status.code == 404)
        #expect(told == "there is nothing under this path; there are /livez, /readyz, /metrics, /page\n")
        // Two of them, the first by the client itself; and a path that only looks like the page's.
        var twice = HTTPClientRequest(url: "http://\(address)/page")
        twice.headers = ["Host": "\(address)", "Host": "elsewhere.example"]
        #expect(try await HTTPClient.shared.execute(twice, timeout: .seconds(60)).status.code == 400)
        for (path, status) in [("/page", UInt(200)), ("//page", 404), ("/page//", 404)] {
            let asked = HTTPClientRequest(url: "http://\(address)\(path)")
            let answer = try await HTTPClient.shared.execute(asked, timeout: .seconds(60))
            #expect(answer.status.code == status, "\(path)")
        }
        await host.stop()
        try await running.value
    }

    @Test("What no route takes is refused in the routes' own words, with the methods that there are")
    func untaken() {
        let refusal: AdminRoute.Refusal = { AdminAnswer($0, type: "x", body: $1) }
        let routes = [
            AdminRoute(.get, "page", refusal: refusal) { _ in AdminAnswer(200, type: "x", body: "") },
            AdminRoute(.get, "page/{id}/more", refusal: refusal) { _ in AdminAnswer(200, type: "x", body: "") },
            AdminRoute(.post, "page/{id}/more", refusal: refusal) { _ in AdminAnswer(200, type: "x", body: "") },
        ]
        let page = AdminRoute.untaken("/page", routes)
        #expect(page?.status == 405 && page?.headers["Allow"] == "GET, HEAD" && page?.type == "x")
        let more = AdminRoute.untaken("/page/7/more", routes)
        #expect(more?.status == 405 && more?.headers["Allow"] == "GET, HEAD, POST")
        for path in ["/page/7", "/page/7/more/x", "/page/7/less"] {
            #expect(AdminRoute.untaken(path, routes)?.status == 404, "\(path)")
        }
        #expect(AdminRoute.untaken("/metrics", routes) == nil && AdminRoute.untaken("/", routes) == nil)
    }
}
