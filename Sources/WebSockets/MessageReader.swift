import NIOCore
import NIOWebSocket

/// Checks what a client sends and puts messages together from their fragments.
///
/// Not NIO's own aggregator: that one does not say by which code a violation closes the connection.
struct MessageReader {
    /// The longest message, in bytes.
    let limit: Int

    private var kind: WebSocketOpcode?
    private var bytes = ByteBuffer()

    init(limit: Int) {
        self.limit = limit
    }

    /// The rules that hold for every frame, control frames too.
    static func check(_ frame: WebSocketFrame) throws(Violation) {
        guard frame.maskKey != nil else { throw Violation("a client's frames must be masked") }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { throw Violation("no extension was agreed upon") }
    }

    /// Takes a frame of a message.
    ///
    /// - Returns: The message, if it is complete.
    mutating func read(_ frame: WebSocketFrame) throws(Violation) -> ByteBuffer? {
        switch frame.opcode {
        case .text, .binary:
            guard kind == nil else { throw Violation("the message before is not complete") }
            kind = frame.opcode
        case .continuation:
            guard kind != nil else { throw Violation("there is no message to continue") }
        default:
            throw Violation("there is no such frame")
        }
        guard bytes.readableBytes + frame.length <= limit else { throw .tooLong(limit: limit) }
        var data = frame.unmaskedData
        bytes.writeBuffer(&data)
        guard frame.fin else { return nil }
        defer {
            kind = nil
            bytes = ByteBuffer()
        }
        if kind == .text, String(validating: bytes.readableBytesView, as: UTF8.self) == nil {
            throw Violation("a text must be UTF-8", code: .invalidText)
        }
        return bytes
    }
}
