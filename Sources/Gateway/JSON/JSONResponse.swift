import HTTPTypes
import Hummingbird
import NIOCore

enum JSONText {
    /// A value as JSON. The same value is always the same bytes.
    static func encode(_ value: some JSONWritable) -> ByteBuffer {
        var json = JSONWriter()
        value.write(to: &json)
        return json.bytes
    }
}

extension Response {
    /// An answer with a JSON body.
    static func json(
        _ value: some JSONWritable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:],
        contentType: String = "application/json"
    ) -> Response {
        var headers = headers
        headers[.contentType] = contentType
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: JSONText.encode(value)))
    }
}
