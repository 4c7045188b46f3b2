import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

enum JSONText {
    /// A value as JSON. Keys are sorted, so that the same value is always the same bytes.
    static func encode(_ value: some Encodable) -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return ByteBuffer(bytes: try encoder.encode(value))
        } catch {
            // Only a number that JSON has no form for (infinity) can fail here.
            preconditionFailure("\(type(of: value)) cannot be encoded: \(error)")
        }
    }
}

extension Response {
    /// An answer with a JSON body.
    static func json(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:],
        contentType: String = "application/json"
    ) -> Response {
        var headers = headers
        headers[.contentType] = contentType
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: JSONText.encode(value)))
    }
}
