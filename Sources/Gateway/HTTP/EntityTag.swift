import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Names for what a resource holds (RFC 9110, section 8.8.3).
struct EntityTag: Equatable {
    /// Whether it may stay the same while some of the bytes change.
    let isWeak: Bool
    /// Between the quotes, which are part of it.
    let opaque: Substring

    /// The strong tag of these bytes: the same for the same bytes, in every replica.
    static func strong(of body: ByteBuffer) -> String {
        let digest = body.withUnsafeReadableBytes { SHA256.hash(data: $0) }
        // Half of it tells any two bodies apart.
        return "\"\(Data(digest.prefix(16)).base64EncodedString())\""
    }

    /// The tag of the gzip form of what has that tag: other bytes, and so another name. No tag has such an ending of its
    /// own.
    static func ofGzip(_ tag: String) -> String {
        tag.isEmpty ? "" : "\(tag.dropLast())-gzip\""
    }

    /// Reads a list of tags; what is none is passed over. A comma may stand within one.
    static func list(_ text: String) -> [EntityTag] {
        var tags: [EntityTag] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "\"") {
            let start = rest.index(after: open)
            guard let close = rest[start...].firstIndex(of: "\"") else { break }
            tags.append(EntityTag(isWeak: rest[..<open].hasSuffix("W/"), opaque: rest[open...close]))
            rest = rest[rest.index(after: close)...]
        }
        return tags
    }
}

extension Response {
    /// The tag of the answer: its own, or the strong one of its body, which it then has.
    mutating func tagged() async throws -> String {
        if let own = headers.first(where: { $0.name == .eTag }) { return own.value }
        let tag = EntityTag.strong(of: try await collected())
        headers[.eTag] = tag
        return tag
    }

    /// The bytes of the answer, which it then has in memory.
    mutating func collected() async throws -> ByteBuffer {
        let collector = BodyBuffer()
        try await body.write(collector)
        body = ResponseBody(byteBuffer: collector.bytes)
        return collector.bytes
    }
}

/// Takes a body that is in memory anyhow.
private final class BodyBuffer: ResponseBodyWriter {
    private(set) var bytes = ByteBuffer()

    func write(_ part: ByteBuffer) async throws {
        if bytes.readableBytes == 0 {
            bytes = part
        } else {
            bytes.writeImmutableBuffer(part)
        }
    }

    func finish(_ trailers: HTTPFields?) async throws {}
}
