import HTTPTypes
import Hummingbird

/// Names by a tag what is read and may be kept or written again, and does not send it to a client that has it
/// (`If-None-Match`, 304).
///
/// The catalogue, which everyone may read and is the same for all, may be kept by caches for as long as the gateway itself
/// would keep it: five seconds, the first of them without asking whether it still holds.
struct ConditionalAnswers: Sendable {
    private static let catalogueControl = "public, max-age=1, stale-while-revalidate=4"

    private let isCatalogue: Bool
    /// A write may name it in `If-Match`, though nobody may keep it.
    private let isWritten: Bool

    /// - Parameters:
    ///   - route: One that reads.
    ///   - written: Patterns of paths at which something may be written under a condition.
    init(of route: Route, written: Set<String>) {
        let path = route.path.description
        self.isCatalogue = route.access == .everyone && path.hasPrefix("/api/")
        self.isWritten = written.contains(path)
    }

    /// The answer that a request gets by what it expects. Throws a ``Problem`` (412) for `If-Match`.
    func answer(_ full: Response, to request: Request) async throws -> Response {
        guard full.status == .ok, full.body.contentLength != nil else { return full }
        var response = full
        if isCatalogue, response.headers[.cacheControl] == nil {
            response.headers[.cacheControl] = Self.catalogueControl
        }
        // Nobody asks by the tag of what nobody may keep: its bytes are not hashed for nothing.
        let isTagged = isWritten || response.headers[.cacheControl] != nil
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
