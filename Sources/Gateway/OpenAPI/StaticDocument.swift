import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// A text that stays the same for as long as the process runs. Clients may keep it, and ask by its tag whether it is
/// still good.
struct StaticDocument: Sendable {
    private let body: ByteBuffer
    private let headers: HTTPFields

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
        var headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-cache", .eTag: "\"\(digits.joined())\"",
        ]
        if let policy { headers[.contentSecurityPolicy] = policy }
        self.headers = headers
    }

    var response: Response {
        Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}
