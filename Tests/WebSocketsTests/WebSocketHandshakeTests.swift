import HTTPTypes
import Testing

@testable import WebSockets

@Suite("The handshake of a WebSocket")
struct WebSocketHandshakeTests {
    /// The request of RFC 6455, section 1.3, with these fields set otherwise; nil takes one away.
    private func request(
        _ method: HTTPRequest.Method = .get, _ changes: KeyValuePairs<HTTPField.Name, String?> = [:]
    ) -> HTTPRequest {
        var fields: HTTPFields = [
            .connection: "keep-alive, Upgrade", .upgrade: "WebSocket", .secWebSocketVersion: "13",
            .secWebSocketKey: "dGhlIHNhbXBsZSBub25jZQ==",
        ]
        for (name, value) in changes { fields[name] = value }
        return HTTPRequest(method: method, scheme: nil, authority: nil, path: "/chat", headerFields: fields)
    }

    @Test("The key is answered as the RFC's own example has it")
    func acceptance() throws {
        let handshake = try WebSocketHandshake(request())
        #expect(handshake.subprotocols.isEmpty)
        let fields = handshake.acceptance(subprotocol: nil)
        #expect(fields[.secWebSocketAccept] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(fields[.upgrade] == "websocket" && fields[.connection] == "upgrade")
        #expect(fields[.secWebSocketProtocol] == nil)
        #expect(handshake.acceptance(subprotocol: "chat")[.secWebSocketProtocol] == "chat")
    }

    @Test("Subprotocols are in the order of the offer, from however many fields")
    func subprotocols() throws {
        var request = self.request(.get, [.secWebSocketProtocol: "chat ,\tsuperchat"])
        request.headerFields.append(HTTPField(name: .secWebSocketProtocol, value: "third, , fourth"))
        #expect(try WebSocketHandshake(request).subprotocols == ["chat", "superchat", "third", "", "fourth"])
    }

    @Test("A request that is no handshake is told why")
    func refusals() {
        let cases: [(WebSocketHandshake.Refusal, HTTPRequest)] = [
            (.noUpgrade, request(.post)), (.noUpgrade, request(.get, [.upgrade: nil])),
            (.noUpgrade, request(.get, [.upgrade: "h2c"])), (.noUpgrade, request(.get, [.connection: "keep-alive"])),
            (.version, request(.get, [.secWebSocketVersion: "8"])),
            (.version, request(.get, [.secWebSocketVersion: nil])),
            (.body, request(.get, [.contentLength: "1"])), (.body, request(.get, [.transferEncoding: "chunked"])),
            (.key, request(.get, [.secWebSocketKey: "short"])), (.key, request(.get, [.secWebSocketKey: nil])),
        ]
        for (refusal, request) in cases {
            #expect(throws: refusal, "\(request)") { try WebSocketHandshake(request) }
        }
        #expect(throws: Never.self) { try WebSocketHandshake(request(.get, [.contentLength: "0"])) }
    }
}
