import NIOCore
import NIOWebSocket
import Testing

@testable import WebSockets

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
