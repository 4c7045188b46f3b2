import Hummingbird

/// What the gateway says of itself: `GET /openapi.json` for programs, `GET /docs` for people.
struct DocumentRoutes: Sendable {
    func add(to table: inout RouteTable) {
        let document = StaticDocument(EmbeddedDocuments.openAPI, type: "application/json")
        let page = StaticDocument(
            EmbeddedDocuments.page, type: "text/html; charset=utf-8",
            policy: PagePolicy.header(for: EmbeddedDocuments.page))
        table.get("/openapi.json", .everyone) { request, _ in document.response(to: request.headers) }
        table.get("/docs", .everyone) { request, _ in page.response(to: request.headers) }
    }
}
