import FoundationEssentials
public import Hosting
import NIOCore
import Testing

/// What the server tells on a WebSocket.
public struct Told: Decodable, Sendable {
    public let type: String
    public let user_id: Int64?
    public let after: Int64?
    public let sequence: Int64?
    public let kind: String?
    public let text: String?
    public let order_id: Int64?
    public let product_id: Int64?
    public let date: String?
    public let time: String?
    public let created_at: String?
}

/// A frame from the server.
public struct ServerFrame: Equatable, Sendable {
    public var opcode: UInt8
    public var payload: [UInt8]

    public init(opcode: UInt8, payload: [UInt8]) {
        self.opcode = opcode
        self.payload = payload
    }

    public var isClose: Bool { opcode == 8 }
    public var closeCode: Int? { payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
}

/// A client of `GET /ws` that can break every rule.
public final class WebSocketClient {
    public let socket: RawSocket
    public let answer: RawAnswer

    private init(_ socket: RawSocket, _ answer: RawAnswer) {
        self.socket = socket
        self.answer = answer
    }

    /// The request to upgrade. Fields given here replace those that belong to it; an empty value takes one away.
    public static func request(_ path: String, _ address: HostPort, _ fields: [String: String] = [:]) -> String {
        var all = [
            "Host": address.description, "Connection": "Upgrade", "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ]
        for (name, value) in fields { all[name] = value }
        let lines = all.filter { !$0.value.isEmpty }.map { "\($0.key): \($0.value)\r\n" }
        return "GET \(path) HTTP/1.1\r\n\(lines.joined())\r\n"
    }

    /// Opens a WebSocket; requires that the server agrees.
    public static func with(
        _ address: HostPort, token: String, path: String = "/ws", window: Int? = nil,
        _ body: (WebSocketClient) async throws -> Void
    ) async throws {
        try await RawSocket.with(address, window: window) { socket in
            try await body(try await open(socket, address, path, ["Authorization": "Bearer \(token)"]))
        }
    }

    public static func open(
        _ socket: RawSocket, _ address: HostPort, _ path: String, _ fields: [String: String]
    ) async throws -> WebSocketClient {
        try await socket.send(request(path, address, fields))
        return try await opened(socket)
    }

    /// Requires that the next answer agrees to the upgrade.
    public static func opened(_ socket: RawSocket) async throws -> WebSocketClient {
        let answer = try #require(await socket.answer())
        try #require(answer.status == 101, "\(answer)")
        return WebSocketClient(socket, answer)
    }

    /// A client, if the next answer agrees to the upgrade.
    public static func accepted(_ socket: RawSocket) async -> WebSocketClient? {
        guard let answer = await socket.answer(), answer.status == 101 else { return nil }
        return WebSocketClient(socket, answer)
    }

    /// - Parameter first: The first byte: FIN, RSV and opcode.
    public func send(first: UInt8, _ payload: [UInt8] = [], masked: Bool = true) async throws {
        var frame = ByteBuffer(bytes: [first])
        let bit: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ..<126: frame.writeInteger(bit | UInt8(payload.count))
        case ..<65536:
            frame.writeInteger(bit | 126)
            frame.writeInteger(UInt16(payload.count))
        default:
            frame.writeInteger(bit | 127)
            frame.writeInteger(UInt64(payload.count))
        }
        if masked {
            let mask: [UInt8] = [1, 2, 3, 4]
            frame.writeBytes(mask)
            frame.writeBytes(payload.enumerated().map { $1 ^ mask[$0 % 4] })
        } else {
            frame.writeBytes(payload)
        }
        try await socket.send(frame)
    }

    public func sendText(_ text: String) async throws { try await send(first: 0x81, Array(text.utf8)) }

    public func sendClose(_ code: UInt16) async throws {
        try await send(first: 0x88, [UInt8(code >> 8), UInt8(code & 255)])
    }

    /// The next frame; nil at the end. A server's frames are whole and not masked.
    public func frame() async throws -> ServerFrame? {
        guard let head = await socket.bytes(2) else { return nil }
        let bytes = Array(head.readableBytesView)
        #expect(bytes[0] & 0xF0 == 0x80 && bytes[1] & 0x80 == 0)
        var length = Int(bytes[1])
        if length == 126 {
            length = try Int(#require(await socket.bytes(2)?.getInteger(at: 0, as: UInt16.self)))
        } else if length == 127 {
            length = try Int(#require(await socket.bytes(8)?.getInteger(at: 0, as: UInt64.self)))
        }
        guard length > 0 else { return ServerFrame(opcode: bytes[0] & 15, payload: []) }
        guard let payload = await socket.bytes(length) else { return nil }
        return ServerFrame(opcode: bytes[0] & 15, payload: Array(payload.readableBytesView))
    }

    /// The next text. Pings on the way are answered.
    public func told() async throws -> Told {
        while true {
            let frame = try #require(try await frame())
            if frame.opcode == 9 {
                try await send(first: 0x8A, frame.payload)
                continue
            }
            try #require(frame.opcode == 1, "\(frame)")
            return try JSONDecoder().decode(Told.self, from: Data(frame.payload))
        }
    }

    /// The next text, which must be the greeting.
    @discardableResult
    public func hello() async throws -> Told {
        let told = try await told()
        #expect(told.type == "hello")
        return told
    }

    /// The sequences of the next notifications.
    public func sequences(_ count: Int) async throws -> [Int64] {
        var all: [Int64] = []
        while all.count < count { all.append(try #require(try await told().sequence)) }
        return all
    }

    /// The code of the closing frame; whatever comes before it is passed over. Nil if the connection just ends.
    public func closeCode() async throws -> Int? {
        while let frame = try await frame() {
            if frame.isClose { return frame.closeCode ?? 1005 }
        }
        return nil
    }
}
