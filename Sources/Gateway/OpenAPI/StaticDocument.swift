import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// A text that stays the same for as long as the process runs. Clients may keep it, and ask whether it is still good.
struct StaticDocument: Sendable {
    private let body: ByteBuffer
    private let headers: HTTPFields
    private let tag: String

    /// - Parameters:
    ///   - text: The whole of it.
    ///   - type: Its media type.
    ///   - policy: Its Content-Security-Policy, where it is a page that does something.
    init(_ text: String, type: String, policy: String? = nil) {
        let digest = SHA256.hash(data: Array(text.utf8)).prefix(16)
        let digits = digest.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        self.body = ByteBuffer(string: text)
        self.tag = "\"\(digits.joined())\""
        var headers: HTTPFields = [.contentType: type, .cacheControl: "public, no-cache", .eTag: tag]
        if let policy { headers[.contentSecurityPolicy] = policy }
        self.headers = headers
    }

    /// The text, or 304 for a client that has it.
    func response(to request: HTTPFields) -> Response {
        if isKept(by: request) {
            var headers = headers
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    private func isKept(by request: HTTPFields) -> Bool {
        let tags = request[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }
        return tags.contains { tag in
            let tag = tag.trimmingHTTPWhitespace()
            return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == self.tag
        }
    }
}
