import NIOCore
import NIOWebSocket
import Testing

@testable import Gateway

/// The session's rules, without a socket and a clock.
@Suite struct WebSocketStateTests {
    private static let options: WebSocketOptions = {
        var options = WebSocketOptions()
        options.queueMessages = 2
        options.queueBytes = 100
        options.messageLimit = 10
        return options
    }()

    private var state = WebSocketState(options: Self.options)

    private func frame(_ opcode: WebSocketOpcode, _ text: String = "", fin: Bool = true) -> WebSocketFrame {
        WebSocketFrame(fin: fin, opcode: opcode, maskKey: [0, 0, 0, 0], data: ByteBuffer(string: text))
    }

    /// The close code that the actions send.
    private func closeSent(_ actions: [WebSocketState.Action]) throws -> CloseCode? {
        for case .send(let frame) in actions where frame.opcode == .connectionClose {
            return try frame.data.closeCode()
        }
        return nil
    }

    private let text = ByteBuffer(string: "hello")

    @Test mutating func itPingsAndGivesUpOnSilence() throws {
        #expect(
            state.opened(lifetime: .seconds(9)) == [
                .start(.ping, Self.options.pingInterval), .start(.expiry, .seconds(9)),
            ])
        let ping = state.expired(.ping)
        #expect(ping.contains(.send(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))))
        #expect(ping.contains(.start(.pong, Self.options.pongDeadline)))
        #expect(state.received(frame(.pong)) == [.stop(.pong), .start(.ping, Self.options.pingInterval)])
        _ = state.expired(.ping)
        #expect(try closeSent(state.expired(.pong)) == .internalError)
        #expect(state.expired(.close) == [.drop])
        #expect(state.closeCode == .internalError)
    }

    @Test mutating func aSenderWaitsWhileTheQueueIsFull() {
        #expect(
            state.send(text) == [
                .start(.write, Self.options.writeDeadline), .send(WebSocketFrame(fin: true, opcode: .text, data: text)),
            ])
        #expect(!state.mustWait)
        #expect(state.send(text) == [.send(WebSocketFrame(fin: true, opcode: .text, data: text))])
        #expect(state.mustWait)
        // The deadline begins anew with each frame that goes.
        #expect(state.written(.text, bytes: 5) == [.start(.write, Self.options.writeDeadline), .resumeSender])
        #expect(!state.mustWait)
        #expect(state.written(.text, bytes: 5) == [.stop(.write)])
    }

    @Test mutating func theQueueIsBoundedByBytesToo() {
        _ = state.send(ByteBuffer(repeating: 65, count: 100))
        #expect(state.mustWait)
    }

    @Test mutating func aClientThatTakesNothingIsCutOff() throws {
        _ = state.send(text)
        _ = state.send(text)
        let actions = state.expired(.write)
        #expect(try closeSent(actions) == .tooSlow)
        #expect(actions.contains(.resumeSender) && !state.isOpen)
        #expect(actions.contains(.start(.close, Self.options.closeDeadline)))
        #expect(state.send(text) == [])
        #expect(state.expired(.close) == [.drop])
    }

    @Test mutating func pingsAreAnsweredAndDoNotPileUp() {
        #expect(
            state.received(frame(.ping, "a")).contains(
                .send(WebSocketFrame(fin: true, opcode: .pong, data: ByteBuffer(string: "a")))))
        #expect(state.received(frame(.ping, "b")) == [])
        #expect(state.received(frame(.ping, "c")) == [])
        // Only the latest is answered once the first answer is gone.
        #expect(
            state.written(.pong, bytes: 1).contains(
                .send(WebSocketFrame(fin: true, opcode: .pong, data: ByteBuffer(string: "c")))))
        #expect(state.written(.pong, bytes: 1) == [.stop(.write)])
    }

    @Test mutating func theClientCloses() throws {
        let close = WebSocketFrame(
            fin: true, opcode: .connectionClose, maskKey: [0, 0, 0, 0], data: ByteBuffer(bytes: [3, 0xE8]))
        #expect(try closeSent(state.received(close)) == .normal)
        #expect(state.written(.connectionClose, bytes: 2) == [.closeOutput])
        #expect(state.closeCode == .normal)
        #expect(state.inputClosed() == [.drop])
        #expect(state.closeCode == .normal)
    }

    @Test mutating func theServerClosesAndWaitsForTheClient() throws {
        #expect(try closeSent(state.close(.goingAway, "")) == .goingAway)
        #expect(state.close(.tokenExpired, "") == [])
        #expect(state.written(.connectionClose, bytes: 2) == [])
        #expect(state.received(frame(.text, "late")) == [])
        let close = WebSocketFrame(
            fin: true, opcode: .connectionClose, maskKey: [0, 0, 0, 0], data: ByteBuffer(bytes: [3, 0xE9]))
        #expect(state.received(close) == [.closeOutput])
        #expect(state.closeCode == .goingAway)
    }

    @Test mutating func afterAViolationNothingIsRead() throws {
        let unmasked = WebSocketFrame(fin: true, opcode: .text, data: text)
        #expect(try closeSent(state.received(unmasked)) == .protocolError)
        #expect(state.received(frame(.ping)) == [])
        #expect(state.violated(Violation("again")) == [])
        #expect(state.written(.connectionClose, bytes: 2) == [.closeOutput])
    }

    @Test mutating func aTokenEnds() throws {
        #expect(try closeSent(state.expired(.expiry)) == .tokenExpired)
    }

    @Test mutating func aLostConnectionHasACodeOfItsOwn() {
        #expect(Set(state.connectionLost().map(String.init(describing:))).count == WebSocketState.Timer.allCases.count)
        #expect(state.closeCode == .lost)
        #expect(state.inputClosed() == [])
    }

    @Test mutating func messagesAreCheckedAndIgnored() throws {
        #expect(state.received(frame(.text, "hello")) == [])
        #expect(state.received(frame(.binary, "hello")) == [])
        #expect(try closeSent(state.received(frame(.text, "longer than that"))) == .messageTooLong)
    }
}

/// The waits before notifications are asked for again.
@Suite struct RetryPauseTests {
    @Test func waitsDoubleUpToALimitAndDiffer() {
        var options = WebSocketOptions()
        options.retryDelay = .seconds(1)
        options.longestRetryDelay = .seconds(5)
        var waits: Set<Duration> = []
        for _ in 0..<20 {
            var pause = RetryPause(options)
            for longest in [1, 2, 4, 5, 5] {
                let wait = pause.next()
                #expect(wait <= .seconds(longest) && wait >= .seconds(longest) / 2)
                waits.insert(wait)
            }
        }
        #expect(waits.count > 50)
    }
}

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
