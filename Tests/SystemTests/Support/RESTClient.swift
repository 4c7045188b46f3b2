import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Testing

/// An HTTP answer.
struct Reply: Sendable, CustomStringConvertible {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body; `.null` if it is not JSON.
    var json: JSON { (try? JSON(body)) ?? .null }

    var description: String { "\(status) \(text.prefix(500))" }
}

/// What a request carries.
enum RequestBody: Sendable {
    case none
    case json(JSON)
    /// Any bytes, called what they are not if need be; sent in chunks of unknown number if `length` is not told.
    case raw(String, type: String? = "application/json", tellsLength: Bool = true)
}

/// Sends requests to one address.
struct RESTClient: Sendable {
    let origin: String

    func send(
        _ method: HTTPMethod, _ path: String, token: String? = nil, body: RequestBody = .none,
        headers: HTTPHeaders = [:], timeout: TimeAmount = .seconds(120)
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: origin + path)
        request.method = method
        request.headers = headers
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        switch body {
        case .none: break
        case .json(let value):
            request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try value.bytes))
        case .raw(let text, let type, let tellsLength):
            if let type { request.headers.replaceOrAdd(name: "Content-Type", value: type) }
            request.body = .bytes(Array(text.utf8), length: tellsLength ? .known(Int64(text.utf8.count)) : .unknown)
        }
        let response = try await HTTPClient.shared.execute(request, timeout: timeout)
        let buffer = try await response.body.collect(upTo: 16 << 20)
        return Reply(
            status: Int(response.status.code), headers: response.headers, body: Array(buffer.readableBytesView))
    }
}

extension Reply {
    /// Expects success, and gives the body.
    @discardableResult
    func expect(_ status: Int, sourceLocation: SourceLocation = #_sourceLocation) -> JSON {
        #expect(self.status == status, "\(self)", sourceLocation: sourceLocation)
        return json
    }

    /// Expects problem details with this status and this stable code, which say nothing of the shop's insides.
    func expectProblem(_ status: Int, _ code: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(self.status == status, "\(self)", sourceLocation: sourceLocation)
        #expect(json["code"] == .text(code), "\(self)", sourceLocation: sourceLocation)
        #expect(json["status"] == .integer(Int64(status)), sourceLocation: sourceLocation)
        #expect(json["detail"].text?.isEmpty == false, sourceLocation: sourceLocation)
        #expect(
            headers.first(name: "Content-Type") == "application/problem+json", sourceLocation: sourceLocation)
        #expect(
            headers.first(name: "X-Request-Id").map(JSON.text) == json["request_id"], sourceLocation: sourceLocation)
        for inside in ["postgres", "SELECT", "RPCError", "127.0.0.1"] {
            #expect(!text.contains(inside), "\(self)", sourceLocation: sourceLocation)
        }
    }
}
