import Crypto
import FoundationEssentials
import HTTPTypes
import NIOCore

/// Names for what a resource holds (RFC 9110, section 8.8.3).
enum EntityTag {
    /// The strong tag of these bytes: the same for the same bytes, in every replica.
    static func strong(of body: ByteBuffer) -> String {
        let digest = body.withUnsafeReadableBytes { SHA256.hash(data: $0) }
        // Half of it tells any two bodies apart.
        return "\"\(Data(digest.prefix(16)).base64EncodedString())\""
    }

    /// Whether `If-None-Match` names the tag, by weak comparison, or anything at all (`*`).
    static func matches(_ headers: HTTPFields, _ tag: String) -> Bool {
        headers[values: .ifNoneMatch].contains { value in
            value.trimmingHTTPWhitespace() == "*" || tags(in: value).contains(opaque(tag[...]))
        }
    }

    /// The opaque parts of a list of tags, quotes included; a comma may stand within one.
    private static func tags(in list: String) -> [Substring] {
        var tags: [Substring] = []
        var rest = list[...]
        while let open = rest.firstIndex(of: "\"") {
            let start = rest.index(after: open)
            guard let close = rest[start...].firstIndex(of: "\"") else { break }
            tags.append(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return tags
    }

    private static func opaque(_ tag: Substring) -> Substring {
        tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
    }
}
