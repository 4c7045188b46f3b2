import HTTPTypes
import Hosting
import Hummingbird

/// The condition that a request sets of the present representation (RFC 9110, section 13).
struct Precondition: Sendable {
    private let expected: [String]
    private let unwanted: [String]

    /// Nil for a request that expects nothing.
    init?(_ headers: HTTPFields) {
        self.expected = headers[values: .ifMatch]
        self.unwanted = headers[values: .ifNoneMatch]
        if expected.isEmpty && unwanted.isEmpty { return nil }
    }

    /// Whether `If-Match` names tags: what is written must then replace what they name, and nothing newer.
    var namesTags: Bool { !expected.isEmpty && !expected.contains(where: Self.isAny) }

    /// Throws a ``Problem`` (412 `precondition_failed`) unless the representation is as expected.
    ///
    /// - Parameter tag: Its tag; nil where there is none.
    func require(_ tag: String?) throws(Problem) {
        guard matches(tag), tag == nil || !excludes(tag ?? "") else { throw .preconditionFailed }
    }

    /// Whether `If-Match` names the tag, by strong comparison, or anything at all (`*`). What cannot be read names
    /// nothing.
    ///
    /// - Parameter tag: The representation's tag; empty where it has none, nil where there is no representation.
    func matches(_ tag: String?) -> Bool {
        if expected.isEmpty { return true }
        guard let tag else { return false }
        let present = Self.forms(of: tag)
        return expected.contains { value in
            Self.isAny(value)
                || EntityTag.list(value).contains { !$0.isWeak && present.contains($0) }
        }
    }

    /// Whether `If-None-Match` names the tag, by weak comparison, or anything at all (`*`).
    func excludes(_ tag: String) -> Bool { isUnwanted(Self.forms(of: tag)) }

    /// Compares what a request expects with what is there.
    ///
    /// - Parameters:
    ///   - body: The representation that has the tag.
    ///   - look: Reads what is there, past any cache.
    /// - Returns: What is there if the request names tags: the write takes its version along. Nil if it names none.
    /// - Throws: ``Problem`` (412) if something else is there, or nothing.
    static func seen<Seen: Sendable, Body: JSONWritable>(
        by request: Request, shownAs body: (Seen) -> Body, _ look: () async throws -> Seen
    ) async throws -> Seen? {
        guard let precondition = Precondition(request.headers) else { return nil }
        let seen: Seen?
        do {
            seen = try await look()
        } catch {
            guard Problem(error).status == .notFound else { throw error }
            seen = nil
        }
        try precondition.require(seen.map { EntityTag.strong(of: JSONText.encode(body($0))) })
        return precondition.namesTags ? seen : nil
    }

    /// Whether `If-None-Match` has this very tag, or `*`.
    func names(_ tag: String) -> Bool { isUnwanted(EntityTag.list(tag)) }

    private func isUnwanted(_ tags: [EntityTag]) -> Bool {
        unwanted.contains { value in
            Self.isAny(value) || EntityTag.list(value).contains { tags.map(\.opaque).contains($0.opaque) }
        }
    }

    /// The tags of all forms in which a representation is sent: whoever has seen one has seen what the others say.
    private static func forms(of tag: String) -> [EntityTag] {
        EntityTag.list(tag) + EntityTag.list(EntityTag.ofGzip(tag))
    }

    private static func isAny(_ value: String) -> Bool { value.trimmingBlanks() == "*" }
}
