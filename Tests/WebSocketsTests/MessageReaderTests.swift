import NIOCore
import NIOWebSocket
import Testing

@testable import WebSockets

/// Messages and their fragments.
@Suite struct MessageReaderTests {
    private var reader = MessageReader(limit: 10)

    private func frame(_ opcode: WebSocketOpcode, _ bytes: [UInt8], fin: Bool = true) -> WebSocketFrame {
        WebSocketFrame(fin: fin, opcode: opcode, maskKey: [1, 2, 3, 4], data: masked(bytes))
    }

    private func masked(_ bytes: [UInt8]) -> ByteBuffer {
        ByteBuffer(bytes: bytes.enumerated().map { $1 ^ UInt8($0 % 4 + 1) })
    }

    @Test mutating func fragmentsMakeAMessage() throws {
        // A character may be cut in two.
        #expect(try reader.read(frame(.text, [0x61, 0xC3], fin: false)) == nil)
        #expect(try reader.read(frame(.continuation, [], fin: false)) == nil)
        #expect(try reader.read(frame(.continuation, [0xA9])) == ByteBuffer(string: "aé"))
        #expect(try reader.read(frame(.text, [0x62])) == ByteBuffer(string: "b"))
    }

    @Test mutating func textsAreUTF8AndBytesAreNot() throws {
        #expect(try reader.read(frame(.binary, [0xC3])) == ByteBuffer(bytes: [0xC3]))
        #expect(throws: Violation("a text must be UTF-8", code: .invalidText)) { try reader.read(frame(.text, [0xC3])) }
    }

    @Test mutating func theSumOfTheFragmentsIsLimited() throws {
        #expect(try reader.read(frame(.text, Array(repeating: 65, count: 6), fin: false)) == nil)
        #expect(throws: Violation.tooLong(limit: 10)) {
            try reader.read(frame(.continuation, Array(repeating: 65, count: 5)))
        }
    }

    @Test mutating func fragmentsOutOfOrderAreRefused() throws {
        #expect(throws: Violation.self) { try reader.read(frame(.continuation, [65])) }
        #expect(try reader.read(frame(.text, [65], fin: false)) == nil)
        #expect(throws: Violation.self) { try reader.read(frame(.text, [65])) }
    }

    @Test func closingFramesAreRead() throws {
        #expect(try ByteBuffer().closeCode() == .none)
        #expect(try ByteBuffer(bytes: [0x0F, 0xA0, 0x61]).closeCode().rawValue == 4000)
        for bytes: [UInt8] in [[3], [0, 0], [3, 0xED], [3, 0xEE], [0x13, 0x88]] {
            #expect(throws: Violation("this is no close code")) { try ByteBuffer(bytes: bytes).closeCode() }
        }
        #expect(throws: Violation("a closing frame's reason must be UTF-8", code: .invalidText)) {
            try ByteBuffer(bytes: [3, 0xE8, 0xFF]).closeCode()
        }
        #expect(ByteBuffer(.none, reason: "") == ByteBuffer())
    }
}
