import HTTPTypes
import Hummingbird

/// Names by a tag what is read and may be kept or written again, and does not send it to a client that has it
/// (`If-None-Match`, 304); sends what is the same for all in gzip to those who take that.
///
/// The catalogue, which everyone may read and is the same for all, may be kept by caches for as long as the gateway itself
/// would keep it: five seconds, the first of them without asking whether it still holds.
///
/// Nothing else is compressed: the length of a compressed answer tells of secrets in it to who can have their own words
/// stand beside them (BREACH).
struct ConditionalAnswers: Sendable {
    static let catalogueControl = HTTPField(
        name: .cacheControl, value: "public, max-age=1, stale-while-revalidate=4")
    /// Bytes from which on compressing is worth it: less goes in one packet anyhow.
    private static let leastCompressed = 1024

    private let isCatalogue: Bool
    /// A write may name it in `If-Match`, though nobody may keep it.
    private let isWritten: Bool
    /// Nil for a route whose answers are sent as they are.
    private let forms: CompressedBodies?

    /// - Parameters:
    ///   - route: One that reads.
    ///   - written: Patterns of paths at which something may be written under a condition.
    ///   - forms: Keeps the compressed forms of answers.
    init(of route: Route, written: Set<String>, forms: CompressedBodies) {
        let path = route.path.description
        self.isCatalogue = route.access == .everyone && path.hasPrefix("/api/")
        self.isWritten = written.contains(path)
        self.forms = isCatalogue || DocumentRoutes.paths.contains(path) ? forms : nil
    }

    /// The answer that a request gets by what it expects. Throws a ``Problem`` (412) for `If-Match`.
    func answer(_ full: Response, to request: Request) async throws -> Response {
        guard full.status == .ok, let length = full.body.contentLength else { return full }
        var response = full
        var isKept = response.headers.contains(.cacheControl)
        if isCatalogue, !isKept {
            response.headers[.cacheControl] = Self.catalogueControl.value
            isKept = true
        }
        // Nobody asks by the tag of what nobody may keep: its bytes are not hashed for nothing.
        let isTagged = isWritten || isKept
        let tag = if isTagged { try await response.tagged() } else { "" }
        let forms = length < Self.leastCompressed ? nil : self.forms
        if forms != nil { response.headers[.vary] = "Accept-Encoding" }
        let wanted = AcceptEncoding.prefersGzip(request.headers) ? forms : nil
        if let precondition = Precondition(request.headers) {
            guard precondition.matches(tag) else { throw Problem.preconditionFailed }
            if precondition.excludes(tag) {
                // The client, or a cache before it, has one form or the other, and goes on with that.
                let (sent, other) = wanted == nil ? (tag, EntityTag.ofGzip(tag)) : (EntityTag.ofGzip(tag), tag)
                return Self.unchanged(response, isTagged ? precondition.names(sent) ? sent : other : nil)
            }
        }
        if let wanted, let body = try await wanted.gzip(tag, of: { try await response.collected() }) {
            response.body = ResponseBody(byteBuffer: body)
            response.headers[.contentEncoding] = "gzip"
            response.headers[.eTag] = EntityTag.ofGzip(tag)
        }
        return response
    }

    private static func unchanged(_ response: Response, _ tag: String?) -> Response {
        var unchanged = Response(status: .notModified, headers: response.headers)
        unchanged.headers[.eTag] = tag
        unchanged.headers[.contentType] = nil
        unchanged.headers[.contentLength] = nil
        return unchanged
    }
}
