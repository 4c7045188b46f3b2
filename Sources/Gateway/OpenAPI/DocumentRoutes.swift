import Hosting
import Hummingbird

/// The gateway's documents: `GET /openapi.json` for programs, `GET /docs` for people.
struct DocumentRoutes: Sendable {
    static let paths: Set<String> = ["/openapi.json", "/docs"]

    func add(to table: inout RouteTable) {
        let document = StaticDocument(EmbeddedDocuments.openAPI, type: "application/json")
        let page = StaticDocument(
            EmbeddedDocuments.page, type: "text/html; charset=utf-8",
            policy: PagePolicy.header(for: EmbeddedDocuments.page))
        table.get("/openapi.json", .everyone) { _, _ in document.response }
        table.get("/docs", .everyone) { _, _ in page.response }
    }
}
