import NIOCore
import Testing

@testable import WebSockets

@Suite("How much a client may send on a WebSocket")
struct FrameRateTests {
    @Test("The bucket fills at its pace, and never beyond its size")
    func bucket() {
        var options = WebSocketOptions()
        options.frameBurst = 3
        options.framesPerSecond = 10
        options.frameUnit = 100
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        var rate = FrameRate(options, at: start)
        let atOnce = (0..<4).map { _ in rate.take(bytes: 10, at: start) }
        #expect(atOnce == [true, true, true, false])
        let later = start + .milliseconds(100)
        let afterwards = (0..<2).map { _ in rate.take(bytes: 10, at: later) }
        #expect(afterwards == [true, false])
        let muchLater = start + .hours(1)
        let last = [300, 299, 0].map { rate.take(bytes: $0, at: muchLater) }
        #expect(last == [false, true, false])
    }
}
