import GRPCCore
import NIOCore
import NIOHPACK
import ShopProtos
import SwiftProtobuf
import TestClients

@testable import Hosting

/// An HTTP/2 connection on which a test writes frames as it likes.
final class RawHTTP2 {
    static let ping: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 0] + Array("are you?".utf8)

    private let socket: RawSocket
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())

    private init(_ socket: RawSocket) { self.socket = socket }

    static func with(_ address: HostPort, _ body: (RawHTTP2) async throws -> Void) async throws {
        try await RawSocket.with(address) { socket in
            let connection = RawHTTP2(socket)
            // The server may have closed it already, which the body sees by reading.
            try? await socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            try? await connection.send(type: 4)
            try await body(connection)
        }
    }

    // MARK: - Writing

    func send(_ bytes: [UInt8]) async throws { try await socket.send(ByteBuffer(bytes: bytes)) }

    func send(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) async throws {
        try await send(Self.frame(type: type, flags: flags, stream: stream, payload))
    }

    /// Sends the head of a request, and with it the whole of one if it ends the stream.
    func request(_ fields: [(String, String)], stream: UInt32 = 1, ends: Bool = false) async throws {
        try await send(type: 1, flags: ends ? 5 : 4, stream: stream, Self.encode(fields))
    }

    static func frame(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        let length = payload.count
        return [UInt8(length >> 16 & 0xff), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), type, flags]
            + bytes(of: stream) + payload
    }

    static func bytes(of number: UInt32) -> [UInt8] { (0..<4).map { UInt8(number >> (24 - 8 * $0) & 0xff) } }

    /// The fields as literals, whatever they hold.
    static func encode(_ fields: [(String, String)]) -> [UInt8] {
        func text(_ text: String) -> [UInt8] {
            let bytes = Array(text.utf8)
            guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
            var length: [UInt8] = [127]
            var rest = bytes.count - 127
            while rest >= 128 {
                length.append(UInt8(rest % 128 + 128))
                rest /= 128
            }
            return length + [UInt8(rest)] + bytes
        }
        return fields.flatMap { [0] + text($0.0) + text($0.1) }
    }

    // MARK: - Reading

    /// The trailers of a stream; nil if the connection or the stream ends without them. A farewell ends neither.
    func trailers(of stream: UInt32 = 1) async throws -> [String: String]? {
        let farewell: [UInt8] = [0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]
        while let frame = await next() {
            if frame.type == 7, !frame.payload.readableBytesView.elementsEqual(farewell) { return nil }
            if frame.type == 1 {
                var block = frame.payload
                let headers = try decoder.decodeHeaders(from: &block)
                if frame.stream == stream, frame.flags & 1 != 0 {
                    return Dictionary(headers.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
                }
            }
            if frame.type == 3, frame.stream == stream { return nil }
        }
        return nil
    }

    /// Reads until a stream has been reset: true, or the connection ends or says that it will: false.
    func isReset(_ stream: UInt32 = 1) async -> Bool {
        while let frame = await next() {
            if frame.type == 3, frame.stream == stream { return true }
            if frame.type == 7 { return false }
        }
        return false
    }

    /// Reads until the server has said that the connection ends: true, or it ends without a word: false.
    func isSentAway() async -> Bool {
        while let frame = await next() {
            if frame.type == 7 { return true }
        }
        return false
    }

    /// Reads until the answer to a ``ping`` has come, or the connection's end.
    ///
    /// - Returns: Whether it was, and nobody said goodbye before.
    @discardableResult
    func settle() async -> Bool {
        var hasGoodbye = false
        while let frame = await next() {
            if frame.type == 7 { hasGoodbye = true }
            if frame.type == 6, frame.flags & 1 != 0 { return !hasGoodbye }
        }
        return false
    }

    /// Reads until the connection ends.
    func drain() async { while await next() != nil {} }

    private func next() async -> (type: UInt8, flags: UInt8, stream: UInt32, payload: ByteBuffer)? {
        guard var head = await socket.bytes(9), let length = head.readBytes(length: 3),
            let type: UInt8 = head.readInteger(), let flags: UInt8 = head.readInteger(),
            let stream: UInt32 = head.readInteger(),
            let payload = await socket.bytes(length.reduce(0) { $0 << 8 | Int($1) })
        else { return nil }
        return (type, flags, stream, payload)
    }
}

extension RunningHost {
    /// The fields of a good request to the stub.
    static let head = [
        (":method", "POST"), (":scheme", "http"), (":path", "/reviews.Reviews/GetProductReviews"),
        (":authority", "shop"), ("content-type", "application/grpc"), ("te", "trailers"),
    ]

    /// Passes if a proper call is answered.
    func expectToLive() async throws { _ = try await reviews(.overNetwork).getProductReviews(.init()) }
}
