import Crypto
import FoundationEssentials
public import HTTPTypes

/// A request to open a WebSocket, as far as the protocol itself judges it (RFC 6455, section 4.2.1).
public struct WebSocketHandshake: Sendable, Equatable {
    /// The reason why a request opens no WebSocket.
    public enum Refusal: Error, Equatable {
        /// It does not ask for the upgrade.
        case noUpgrade
        /// Its version of the protocol is another than ``version``.
        case version
        /// It has a body.
        case body
        /// `Sec-WebSocket-Key` is not 16 bytes in Base64.
        case key
    }

    /// The version of the protocol, as `Sec-WebSocket-Version` has it.
    public static let version = "13"

    /// The subprotocols that the client offers, the one it likes best first.
    public let subprotocols: [String]
    private let key: String

    /// Judges the head of a request.
    public init(_ head: HTTPRequest) throws(Refusal) {
        let fields = head.headerFields
        guard head.method == .get, fields.hasToken("websocket", .upgrade), fields.hasToken("upgrade", .connection)
        else { throw .noUpgrade }
        guard fields[.secWebSocketVersion] == Self.version else { throw .version }
        guard fields[.transferEncoding] == nil, ["0", nil].contains(fields[.contentLength]) else { throw .body }
        guard let key = fields[.secWebSocketKey], Data(base64Encoded: key)?.count == 16 else { throw .key }
        self.key = key
        self.subprotocols = fields.list(.secWebSocketProtocol)
    }

    /// The fields of the answer that accepts it.
    ///
    /// - Parameter subprotocol: One of ``subprotocols``; nil for none.
    public func acceptance(subprotocol: String?) -> HTTPFields {
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        var fields: HTTPFields = [
            .connection: "upgrade", .upgrade: "websocket", .secWebSocketAccept: Data(digest).base64EncodedString(),
        ]
        fields[.secWebSocketProtocol] = subprotocol
        return fields
    }
}
